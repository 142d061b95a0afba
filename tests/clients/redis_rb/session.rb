# session <port> <name> <topic>
require "redis"

$stdout.sync = true
port, name, topic = ARGV
key = "topics:#{topic}:key"
producer = Redis.new(port: port)
worker = Redis.new(port: port, id: name)

consume = lambda do |count|
  messages = []
  deadline = Time.now + 30
  while messages.length < count && Time.now < deadline
    reply = worker.call("BLPOP", "topics:#{topic}", 3)
    messages << Hash[*reply] if reply
  end
  puts "CONSUMED #{messages.map { |message| message["value"] }.join(" ")}"
  acks = messages.map { |message| message.values_at("topic", "partition", "offset").join(":") }
  puts "ACKED #{acks.map { |ack| worker.rpush("acks", ack) }.join(" ")}"
end

puts "PING #{producer.ping}"
puts "SELECT #{producer.select(0)}"
puts "NAME #{worker.call("CLIENT", "GETNAME")}"
puts "PRODUCED #{producer.rpushx(key, "one")}"
replies = producer.pipelined do |pipeline|
  %w[two three four].each { |value| pipeline.rpushx(key, value) }
end
puts "PIPELINED #{replies.join(" ")}"
puts "FLUSHED #{producer.call("WAIT", 1, 10_000)}"
consume.(4)
puts "TOPICS #{producer.keys("topics:#{topic}").join(" ")}"
puts "INFO #{producer.info["redis_mode"]}"

puts "RESTART"
$stdin.gets

puts "PING #{producer.ping}"
puts "NAME #{worker.call("CLIENT", "GETNAME")}"
puts "PRODUCED #{producer.rpushx(key, "five")}"
puts "FLUSHED #{producer.call("WAIT", 1, 10_000)}"
consume.(1)
worker.close
producer.close
puts "CLOSED"
