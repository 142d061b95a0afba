// streams <port> <group> <topic> [<protocol>]
package main

import (
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
	ctx    = context.Background()
	group  = os.Args[2]
	stream = "topics:" + os.Args[3]
	client = redis.NewClient(options())
)

func options() *redis.Options {
	options := &redis.Options{Addr: "127.0.0.1:" + os.Args[1]}
	if len(os.Args) > 4 {
		options.Protocol = must(strconv.Atoi(os.Args[4]))
	}
	return options
}

func main() {
	fmt.Println("CREATED", must(client.XGroupCreateMkStream(ctx, stream, group, "$").Result()))
	fmt.Println("AGAIN", client.XGroupCreateMkStream(ctx, stream, group, "$").Err())
	fmt.Println("ADDED", must(client.XAdd(ctx, entry("one", "a")).Result()))
	replies := must(client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, value := range []string{"two", "three", "four", "five", "six"} {
			pipe.XAdd(ctx, entry(value, string("bcdef"[i])))
		}
		return nil
	}))
	fmt.Print("PIPELINED")
	for _, reply := range replies {
		fmt.Print(" ", reply.(*redis.StringCmd).Val())
	}
	fmt.Println()
	fmt.Println("LENGTH", must(client.XLen(ctx, stream).Result()))

	alices := read("alice", 2)
	fmt.Println("ALICE" + shown(alices))
	first := alices[0].ID
	bobs := read("bob", 4)
	fmt.Println("BOB" + shown(bobs))
	conn := client.Conn() // another one of the pool, as the commands themselves use any
	acked := must(conn.XAck(ctx, stream, group, first).Result())
	fmt.Println("ACKED", acked, must(conn.XAck(ctx, stream, group, first).Result()))

	pending := summary()
	fmt.Println("SUMMARY", pending.Count, pending.Lower, pending.Higher,
		fmt.Sprintf("alice=%d bob=%d", pending.Consumers["alice"], pending.Consumers["bob"]))
	tellPending()
	fmt.Println("CLAIMED" + shown(must(client.XClaim(ctx, &redis.XClaimArgs{
		Stream: stream, Group: group, Consumer: "alice", Messages: []string{bobs[0].ID},
	}).Result())))
	tellPending()
	messages, cursor := autoClaim("0-0", 2)
	fmt.Println("AUTOCLAIMED" + shown(messages))
	messages, cursor = autoClaim(cursor, 10)
	fmt.Println("AUTOCLAIMED"+shown(messages), cursor)
	carols, _ := readGroup("carol", "0", 0, -1)
	fmt.Println("CAROL HAS" + shown(carols))
	none, _ := readGroup("bob", "0", 0, -1)
	fmt.Println("BOB HAS" + shown(none))
	var ids []string
	for _, message := range carols {
		ids = append(ids, message.ID)
	}
	fmt.Println("ACKED", must(conn.XAck(ctx, stream, group, ids...).Result()))
	fmt.Println("SUMMARY", summary().Count)
	none, err := readGroup("bob", ">", 0, 10*time.Millisecond)
	if !errors.Is(err, redis.Nil) {
		panic(err)
	}
	fmt.Println("NOTHING" + shown(none))

	fmt.Println("RANGE" + shown(must(client.XRange(ctx, stream, "-", "+").Result())))
	fmt.Println("RANGE" + shown(must(client.XRangeN(ctx, stream, "("+first, "+", 2).Result())))
	fmt.Println("REVERSE" + shown(must(client.XRevRangeN(ctx, stream, "+", "-", 2).Result())))
	fmt.Println("READ" + shown(must(client.XRead(ctx, &redis.XReadArgs{
		Streams: []string{stream, bobs[1].ID}, Count: 2, Block: -1,
	}).Result())[0].Messages))
	waiting := make(chan []redis.XMessage)
	go func() {
		waiting <- must(conn.XRead(ctx, &redis.XReadArgs{
			Streams: []string{stream, bobs[3].ID}, Block: 20 * time.Second,
		}).Result())[0].Messages
	}()
	fmt.Println("ADDED", must(client.XAdd(ctx, entry("seven", "g")).Result()))
	fmt.Println("WAITED" + shown(<-waiting))

	info := must(client.XInfoStream(ctx, stream).Result())
	fmt.Println("STREAM", info.Length, info.Groups, info.FirstEntry.ID, info.LastEntry.ID)
	for _, info := range must(client.XInfoGroups(ctx, stream).Result()) {
		fmt.Println("GROUP", info.Consumers, info.Pending, info.LastDeliveredID, info.Lag)
	}
	fmt.Print("CONSUMERS")
	for _, info := range must(client.XInfoConsumers(ctx, stream, group).Result()) {
		fmt.Printf(" %s=%d", info.Name, info.Pending)
	}
	fmt.Println()
	fmt.Println("NEW", must(client.XGroupCreateConsumer(ctx, stream, group, "dave").Result()))
	fmt.Println("DAVE" + shown(read("dave", 1)))
	deleted := must(client.XGroupDelConsumer(ctx, stream, group, "bob").Result())
	fmt.Println("DELETED", deleted, must(client.XGroupDelConsumer(ctx, stream, group, "dave").Result()))
	fmt.Println("TRIMMED", must(client.XTrimMaxLenApprox(ctx, stream, 1000, 0).Result()))
	fmt.Println("DELETED", must(client.XDel(ctx, stream, first).Result()))
	destroyed := must(client.XGroupDestroy(ctx, stream, group).Result())
	fmt.Println("DESTROYED", destroyed, must(client.XGroupDestroy(ctx, stream, group).Result()))
	_, err = readGroup("alice", ">", 0, -1)
	fmt.Println("GONE", err)
	must(0, conn.Close())
	must(0, client.Close())
	fmt.Println("CLOSED")
}

func entry(value, trace string) *redis.XAddArgs {
	fields := []string{"value", value, "key", "k", "trace", trace}
	return &redis.XAddArgs{Stream: stream, Values: fields}
}

func shown(messages []redis.XMessage) string {
	var line strings.Builder
	for _, message := range messages {
		fields := message.Values
		fmt.Fprintf(&line, " %s/%s/%s/%s", message.ID, fields["value"], fields["key"], fields["trace"])
	}
	return line.String()
}

func read(consumer string, count int) []redis.XMessage {
	var found []redis.XMessage
	deadline := time.Now().Add(30 * time.Second)
	for len(found) < count && time.Now().Before(deadline) {
		messages, err := readGroup(consumer, ">", count-len(found), 3*time.Second)
		if err != nil && !errors.Is(err, redis.Nil) {
			panic(err)
		}
		found = append(found, messages...)
	}
	return found
}

func readGroup(consumer, id string, count int, block time.Duration) ([]redis.XMessage, error) {
	streams, err := client.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: group, Consumer: consumer, Streams: []string{stream, id},
		Count: int64(count), Block: block,
	}).Result()
	if err != nil {
		return nil, err
	}
	return streams[0].Messages, nil
}

func summary() *redis.XPending { return must(client.XPending(ctx, stream, group).Result()) }

func tellPending() {
	fmt.Print("PENDING")
	for _, row := range must(client.XPendingExt(ctx, &redis.XPendingExtArgs{
		Stream: stream, Group: group, Start: "-", End: "+", Count: 10,
	}).Result()) {
		fmt.Printf(" %s:%s:%d", row.ID, row.Consumer, row.RetryCount)
	}
	fmt.Println()
}

func autoClaim(start string, count int64) ([]redis.XMessage, string) {
	messages, cursor, err := client.XAutoClaim(ctx, &redis.XAutoClaimArgs{
		Stream: stream, Group: group, Consumer: "carol", Start: start, Count: count,
	}).Result()
	return must(messages, err), cursor
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
