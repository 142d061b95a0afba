// session <port> <name> <topic>
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

var (
	ctx         = context.Background()
	name, topic = os.Args[2], os.Args[3]
	key         = "topics:" + topic + ":key"
	client      = must(rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{"127.0.0.1:" + os.Args[1]}}))
)

func main() {
	fmt.Println("PING", must(client.Do(ctx, client.B().Ping().Build()).ToString()))
	fmt.Println("SELECT", must(client.Do(ctx, client.B().Select().Index(0).Build()).ToString()))
	// each key that is read is called invalid at once, so a cache is of no use, and never wrong
	must(client.DoCache(ctx, client.B().Ttl().Key(key).Cache(), time.Minute).ToInt64())
	worker, release := newWorker()
	producer, done := dedicated(client.B().Ping().Build())
	fmt.Println("PRODUCED", must(producer.Do(ctx, push("one")).ToInt64()))
	fmt.Print("PIPELINED")
	for _, reply := range producer.DoMulti(ctx, push("two"), push("three"), push("four")) {
		fmt.Print(" ", must(reply.ToInt64()))
	}
	fmt.Println()
	flush(producer)
	done()
	consume(worker, 4)
	topics := must(client.Do(ctx, client.B().Keys().Pattern("topics:"+topic).Build()).AsStrSlice())
	fmt.Println("TOPICS", strings.Join(topics, " "))
	info := must(client.Do(ctx, client.B().Info().Build()).ToString())
	_, mode, _ := strings.Cut(info, "redis_mode:")
	fmt.Println("INFO", strings.Fields(mode)[0])
	release()

	fmt.Println("RESTART")
	must(bufio.NewReader(os.Stdin).ReadString('\n'))

	producer, done = dedicated(client.B().Ping().Build())
	fmt.Println("PING", must(producer.Do(ctx, producer.B().Ping().Build()).ToString()))
	worker, release = newWorker()
	fmt.Println("PRODUCED", must(producer.Do(ctx, push("five")).ToInt64()))
	flush(producer)
	done()
	consume(worker, 1)
	release()
	client.Close()
	fmt.Println("CLOSED")
}

// A connection of its own. The pool may hold dead ones: the first command says so.
func dedicated(first rueidis.Completed) (rueidis.DedicatedClient, func()) {
	first = first.Pin()
	for {
		own, release := client.Dedicate()
		if own.Do(ctx, first).Error() == nil {
			return own, release
		}
		release()
	}
}

// A worker tells its name itself: the client gives one to all of its connections.
func newWorker() (rueidis.DedicatedClient, func()) {
	worker, release := dedicated(client.B().ClientSetname().ConnectionName(name).Build())
	fmt.Println("NAME", must(worker.Do(ctx, worker.B().ClientGetname().Build()).ToString()))
	return worker, release
}

func push(value string) rueidis.Completed {
	return client.B().Rpushx().Key(key).Element(value).Build()
}

// WAIT is about the messages of its connection.
func flush(producer rueidis.DedicatedClient) {
	fmt.Println("FLUSHED", must(producer.Do(ctx, producer.B().Arbitrary("WAIT", "1", "10000").Build()).ToInt64()))
}

func consume(worker rueidis.DedicatedClient, count int) {
	var values, acks []string
	deadline := time.Now().Add(30 * time.Second)
	for len(values) < count && time.Now().Before(deadline) {
		pop := worker.B().Arbitrary("BLPOP", "topics:"+topic, "3").Blocking()
		reply, err := worker.Do(ctx, pop).ToArray()
		if rueidis.IsRedisNil(err) {
			continue
		}
		message := must(reply, err)
		values = append(values, must(message[7].ToString()))
		acks = append(acks, fmt.Sprintf("%s:%d:%d", must(message[1].ToString()), must(message[3].ToInt64()), must(message[5].ToInt64())))
	}
	fmt.Println("CONSUMED", strings.Join(values, " "))
	fmt.Print("ACKED")
	for _, ack := range acks {
		fmt.Print(" ", must(worker.Do(ctx, worker.B().Rpush().Key("acks").Element(ack).Build()).ToInt64()))
	}
	fmt.Println()
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
