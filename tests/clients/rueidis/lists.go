// lists <port> <topic>
package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/redis/rueidis"
)

var (
	ctx    = context.Background()
	key    = "topics:" + os.Args[2]
	do     func(command rueidis.Completed) rueidis.RedisResult
	client = must(rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{"127.0.0.1:" + os.Args[1]}}))
)

func main() {
	// else each command takes a connection that suits it, and what one has popped the next pop of another does not ack
	worker, done := client.Dedicate()
	do = func(command rueidis.Completed) rueidis.RedisResult { return worker.Do(ctx, command) }
	fmt.Println("PUSHED", must(do(client.B().Rpush().Key(key).Element("one", "two", "three").Build()).ToInt64()))
	first := must(until(func() rueidis.RedisResult { return do(client.B().Brpop().Key(key).Timeout(3).Build()) }).AsStrSlice())
	second := must(until(func() rueidis.RedisResult { return do(client.B().Lpop().Key(key).Build()) }).ToString())
	rest := must(until(func() rueidis.RedisResult { return do(client.B().Lpop().Key(key).Count(10).Build()) }).AsStrSlice())
	tell("GOT", first[0] == key, append(rest, first[1], second))
	one, more := do(client.B().Lpop().Key(key).Build()), do(client.B().Lpop().Key(key).Count(10).Build())
	fmt.Println("EMPTY", rueidis.IsRedisNil(one.Error()), rueidis.IsRedisNil(more.Error()))
	fmt.Println("LENGTH", must(do(client.B().Llen().Key(key).Build()).ToInt64()))
	fmt.Println("PUSHED", must(do(client.B().Lpush().Key(key).Element("four", "five").Build()).ToInt64()))
	fourth := must(until(func() rueidis.RedisResult { return do(client.B().Blpop().Key(key).Timeout(3).Build()) }).AsStrSlice())
	fifth := must(until(func() rueidis.RedisResult { return do(client.B().Rpop().Key(key).Build()) }).ToString())
	tell("GOT", nil, []string{fourth[1], fifth})
	fmt.Println("TIMEOUT", rueidis.IsRedisNil(do(client.B().Blpop().Key(key).Timeout(0.1).Build()).Error()))

	messages, subscribed := make(chan string, 1), make(chan int64, 1)
	subscriber, release := client.Dedicate()
	subscriber.SetPubSubHooks(rueidis.PubSubHooks{
		OnSubscription: func(one rueidis.PubSubSubscription) { subscribed <- one.Count },
		OnMessage:      func(one rueidis.PubSubMessage) { messages <- one.Message },
	})
	must(0, subscriber.Do(ctx, client.B().Subscribe().Channel(key).Build()).Error())
	fmt.Println("SUBSCRIBED", <-subscribed)
	fmt.Println("RECEIVERS", must(do(client.B().Publish().Channel(key).Message("six").Build()).ToInt64()))
	fmt.Println("MESSAGE", <-messages)
	release()
	done()
	client.Close()
}

// Pops until there is something.
func until(pop func() rueidis.RedisResult) rueidis.RedisResult {
	for {
		if found := pop(); !rueidis.IsRedisNil(found.Error()) {
			return found
		}
	}
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

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
