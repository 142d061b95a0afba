// session <port> <name> <topic> [<protocol>]
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	ctx         = context.Background()
	name, topic = os.Args[2], os.Args[3]
	key         = "topics:" + topic + ":key"
	producer    = redis.NewClient(options(""))
	worker      = redis.NewClient(options(name))
)

func options(name string) *redis.Options {
	options := &redis.Options{Addr: "127.0.0.1:" + os.Args[1], ClientName: name}
	if len(os.Args) > 4 {
		options.Protocol = must(strconv.Atoi(os.Args[4]))
	}
	return options
}

func main() {
	fmt.Println("PING", must(producer.Ping(ctx).Result()))
	conn := producer.Conn() // the others of the pool are not selected
	fmt.Println("SELECT", must(conn.Select(ctx, 0).Result()))
	must(0, conn.Close())
	fmt.Println("NAME", must(worker.ClientGetName(ctx).Result()))
	fmt.Println("PRODUCED", must(producer.RPushX(ctx, key, "one").Result()))
	// a pipeline has another connection, and so no order with what is still under way in this one
	must(producer.Wait(ctx, 1, 10*time.Second).Result())
	replies := must(producer.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, value := range []string{"two", "three", "four"} {
			pipe.RPushX(ctx, key, value)
		}
		return nil
	}))
	fmt.Print("PIPELINED")
	for _, reply := range replies {
		fmt.Print(" ", reply.(*redis.IntCmd).Val())
	}
	fmt.Println()
	fmt.Println("FLUSHED", must(producer.Wait(ctx, 1, 10*time.Second).Result()))
	consume(4)
	fmt.Println("TOPICS", strings.Join(must(producer.Keys(ctx, "topics:"+topic).Result()), " "))
	fmt.Println("INFO", must(producer.InfoMap(ctx).Result())["Server"]["redis_mode"])

	fmt.Println("RESTART")
	must(bufio.NewReader(os.Stdin).ReadString('\n'))

	fmt.Println("PING", must(producer.Ping(ctx).Result()))
	fmt.Println("NAME", must(worker.ClientGetName(ctx).Result()))
	fmt.Println("PRODUCED", must(producer.RPushX(ctx, key, "five").Result()))
	fmt.Println("FLUSHED", must(producer.Wait(ctx, 1, 10*time.Second).Result()))
	consume(1)
	must(0, worker.Close())
	must(0, producer.Close())
	fmt.Println("CLOSED")
}

func consume(count int) {
	var values, acks []string
	deadline := time.Now().Add(30 * time.Second)
	for len(values) < count && time.Now().Before(deadline) {
		reply, err := worker.Do(ctx, "BLPOP", "topics:"+topic, 3).Slice()
		if errors.Is(err, redis.Nil) {
			continue
		}
		message := must(reply, err)
		values = append(values, message[7].(string))
		acks = append(acks, fmt.Sprintf("%s:%d:%d", message[1], message[3], message[5]))
	}
	fmt.Println("CONSUMED", strings.Join(values, " "))
	fmt.Print("ACKED")
	for _, ack := range acks {
		fmt.Print(" ", must(worker.RPush(ctx, "acks", ack).Result()))
	}
	fmt.Println()
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
