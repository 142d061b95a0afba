// pubsub <port> <topic> <group>: Dapr's component pubsub.redis, as its sidecar runs it
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/dapr/components-contrib/metadata"
	"github.com/dapr/components-contrib/pubsub"
	"github.com/dapr/components-contrib/pubsub/redis"
	"github.com/dapr/kit/logger"
)

func main() {
	port, stream, group := os.Args[1], "topics:"+os.Args[2], os.Args[3]
	ctx, cancel := context.WithTimeout(context.Background(), 45*time.Second)
	defer cancel()
	log := logger.NewLogger("dapr")
	log.SetOutput(io.Discard)
	component := redis.NewRedisStreams(log)
	must(component.Init(ctx, pubsub.Metadata{Base: metadata.Base{Properties: map[string]string{
		"redisHost":         "127.0.0.1:" + port,
		"consumerID":        group,
		"processingTimeout": "1500",
		"redeliverInterval": "300",
		"readTimeout":       "1s",
		"maxLenApprox":      "1000",
	}}}))

	for _, data := range []string{"one", "two", "three"} {
		must(component.Publish(ctx, &pubsub.PublishRequest{
			Topic: stream, Data: []byte(data), Metadata: map[string]string{"trace": data[:1]},
		}))
	}

	var mutex sync.Mutex
	deliveries := map[string]int{}
	traces := map[string]string{}
	done := make(chan string, 10)
	handler := func(ctx context.Context, message *pubsub.NewMessage) error {
		data := string(message.Data)
		mutex.Lock()
		deliveries[data]++
		traces[data] = message.Metadata["trace"]
		late := data == "two" && deliveries[data] == 1
		mutex.Unlock()
		if late {
			<-ctx.Done() // longer than processingTimeout: it comes again
			return ctx.Err()
		}
		done <- data
		return nil
	}
	must(component.Subscribe(ctx, pubsub.SubscribeRequest{Topic: stream}, handler))
	handled := map[string]bool{}
	for len(handled) < 3 {
		select {
		case data := <-done:
			handled[data] = true
		case <-ctx.Done():
			panic("not all were delivered")
		}
	}
	waitForAcks(ctx, port, stream, group)
	must(component.Close())
	mutex.Lock()
	fmt.Println("two is delivered again:", deliveries["two"] > 1)
	for _, data := range []string{"one", "two", "three"} {
		fmt.Println(data, "trace", traces[data])
	}
}

// An entry is acked when its handler has returned; what is closed before that acks no more.
func waitForAcks(ctx context.Context, port, stream, group string) {
	for {
		connection, err := net.Dial("tcp", "127.0.0.1:"+port)
		must(err)
		_, err = fmt.Fprintf(connection, "XPENDING %s %s\r\n", stream, group)
		must(err)
		reply := bufio.NewReader(connection)
		_, err = reply.ReadString('\n')
		must(err)
		count, err := reply.ReadString('\n')
		must(err)
		must(connection.Close())
		if count == ":0\r\n" {
			return
		}
		must(ctx.Err())
		time.Sleep(20 * time.Millisecond)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
