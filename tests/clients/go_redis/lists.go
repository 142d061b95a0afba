// lists <port> <topic> [<protocol>]
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	ctx = context.Background()
	key = "topics:" + os.Args[2]
)

func main() {
	options := &redis.Options{Addr: "127.0.0.1:" + os.Args[1]}
	if len(os.Args) > 3 {
		options.Protocol = must(strconv.Atoi(os.Args[3]))
	}
	client := redis.NewClient(options)
	fmt.Println("PUSHED", must(client.RPush(ctx, key, "one", "two", "three").Result()))
	first := until(func() ([]string, error) { return client.BRPop(ctx, 3*time.Second, key).Result() })
	second := until(func() (string, error) { return client.LPop(ctx, key).Result() })
	rest := until(func() ([]string, error) { return client.LPopCount(ctx, key, 10).Result() })
	tell("GOT", first[0] == key, append(rest, first[1], second))
	_, err := client.LPop(ctx, key).Result()
	_, countErr := client.LPopCount(ctx, key, 10).Result()
	fmt.Println("EMPTY", err == redis.Nil, countErr == redis.Nil)
	fmt.Println("LENGTH", must(client.LLen(ctx, key).Result()))
	fmt.Println("PUSHED", must(client.LPush(ctx, key, "four", "five").Result()))
	fourth := until(func() ([]string, error) { return client.BLPop(ctx, 3*time.Second, key).Result() })
	fifth := until(func() (string, error) { return client.RPop(ctx, key).Result() })
	tell("GOT", nil, []string{fourth[1], fifth})
	_, err = client.BLPop(ctx, time.Second, key).Result()
	fmt.Println("TIMEOUT", err == redis.Nil)
	subscriber := client.Subscribe(ctx, key)
	subscription := must(subscriber.Receive(ctx)).(*redis.Subscription)
	fmt.Println("SUBSCRIBED", subscription.Count)
	fmt.Println("RECEIVERS", must(client.Publish(ctx, key, "six").Result()))
	fmt.Println("MESSAGE", must(subscriber.ReceiveMessage(ctx)).Payload)
	must(0, subscriber.Close())
	must(0, client.Close())
}

func tell(name string, word any, values []string) {
	slices.Sort(values)
	fmt.Print(name)
	if word != nil {
		fmt.Print(" ", word)
	}
	for _, value := range values {
		fmt.Print(" ", value)
	}
	fmt.Println()
}

// Pops until there is something.
func until[T any](pop func() (T, error)) T {
	for {
		found, err := pop()
		if !errors.Is(err, redis.Nil) {
			return must(found, err)
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
