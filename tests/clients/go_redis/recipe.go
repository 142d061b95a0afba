package main

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

func main() {
	ctx := context.Background()
	options := redis.Options{Addr: "127.0.0.1:6380", PoolSize: 1, ReadTimeout: 15 * time.Second}
	producer := redis.NewClient(&options)
	producer.RPushX(ctx, "topics:greetings:go", "Hello from Go")
	fmt.Println("delivered:", producer.Wait(ctx, 1, 10*time.Second).Val())

	options.ClientName = "go-workers:1"
	worker := redis.NewClient(&options)
	defer worker.Close()
	reply, err := worker.Do(ctx, "BLPOP", "topics:greetings", 10).Slice()
	if err != nil {
		panic(err) // redis.Nil when no message came in 10 s
	}
	fmt.Println("received:", reply[7])
	worker.RPush(ctx, "acks", fmt.Sprintf("%v:%v:%v", reply[1], reply[3], reply[5]))
}
