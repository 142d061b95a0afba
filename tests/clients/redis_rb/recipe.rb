require "redis"

producer = Redis.new(port: 6380)
producer.rpushx("topics:greetings:ruby", "Hello from Ruby")
puts "delivered: #{producer.call("WAIT", 1, 10_000)}"

worker = Redis.new(port: 6380, id: "ruby-workers:1")
if (reply = worker.blpop("topics:greetings", timeout: 10))
  message = Hash[*reply]
  puts "received: #{message["value"]}"
  worker.rpush("acks", message.values_at("topic", "partition", "offset").join(":"))
end
worker.close
