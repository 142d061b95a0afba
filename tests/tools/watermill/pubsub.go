// pubsub <port> <topic> <group>: a publisher, two subscribers of a group of which one dies, one without a group
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"
)

var (
	port, stream, group = os.Args[1], "topics:" + os.Args[2], os.Args[3]
	deadline, cancel    = context.WithTimeout(context.Background(), 45*time.Second)
)

func main() {
	defer cancel()
	publisher, err := redisstream.NewPublisher(redisstream.PublisherConfig{Client: client()}, nil)
	must(err)
	first := subscriber("first", group)
	messages, err := first.Subscribe(deadline, stream)
	must(err)
	everything, err := subscriber("", "").Subscribe(deadline, stream)
	must(err)
	for _, text := range []string{"one", "two", "three"} {
		sent := message.NewMessage("uuid-"+text, []byte(text))
		sent.Metadata.Set("trace", text[:1])
		must(publisher.Publish(stream, sent))
	}

	acked := next(messages)
	acked.Ack()
	nacked := next(messages)
	nacked.Nack()
	fmt.Println("a nacked one comes again:", next(messages).UUID == nacked.UUID) // and is not answered
	must(first.Close())

	messages, err = subscriber("second", group).Subscribe(deadline, stream)
	must(err)
	left := map[string]bool{}
	for len(left) < 2 {
		one := next(messages)
		left[one.UUID] = true
		one.Ack()
	}
	fmt.Println("another subscriber gets what is not acked:", left[nacked.UUID] && !left[acked.UUID])
	var lines []string
	for range 3 {
		each := next(everything)
		lines = append(lines, fmt.Sprint(each.UUID, " ", string(each.Payload), " ", each.Metadata.Get("trace")))
		each.Ack()
	}
	slices.Sort(lines)
	fmt.Println("without a group:", strings.Join(lines, ", "))
	// it removes the consumer that is idle and has nothing
	for consumers(deadline) > 1 {
		time.Sleep(50 * time.Millisecond)
	}
	fmt.Println("consumers", consumers(deadline))
}

func client() redis.UniversalClient {
	return redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port})
}

func subscriber(consumer, group string) *redisstream.Subscriber {
	// docs: from here
	subscriber, err := redisstream.NewSubscriber(redisstream.SubscriberConfig{
		Client:                 client(),
		Consumer:               consumer,
		ConsumerGroup:          group,
		FanOutOldestId:         "0",
		ClaimInterval:          100 * time.Millisecond,
		MaxIdleTime:            1500 * time.Millisecond,
		CheckConsumersInterval: 200 * time.Millisecond,
		ConsumerTimeout:        2 * time.Second,
	}, nil)
	// docs: to here
	must(err)
	return subscriber
}

func consumers(ctx context.Context) int {
	found, err := client().XInfoConsumers(ctx, stream, group).Result()
	must(err)
	return len(found)
}

func next(messages <-chan *message.Message) *message.Message {
	select {
	case got, ok := <-messages:
		if ok {
			return got
		}
	case <-deadline.Done():
	}
	panic("no message")
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
