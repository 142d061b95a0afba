# plugins.rb <port> <topic> <group>: what the redis plugins of Logstash send, output and input, with the same client
require "redis"
require "timeout"

port, topic, = ARGV
key = "topics:#{topic}"
output = Redis.new(port: port.to_i)
output.rpush(key, ["one", "two"])
output.rpush(key, "three")

# batch_count 125, the default
input = Redis.new(port: port.to_i)
script = <<END
      local batchsize = tonumber(ARGV[1])
      local result = redis.call('lrange', KEYS[1], 0, batchsize)
      redis.call('ltrim', KEYS[1], batchsize + 1, -1)
      return result
END
sha = nil
batch = lambda do
  input.evalsha(sha || "0" * 40, [key], [124])
rescue Redis::CommandError => error
  raise unless error.to_s =~ /NOSCRIPT/
  sha = input.script(:load, script)
  retry
end
got = []
Timeout.timeout(45) { got.concat(batch.call) while got.size < 3 }
puts "batches: #{got.sort.join(" ")}"
puts "empty: #{batch.call}"
input.quit

# batch_count 1
output.rpush(key, "four")
single = Redis.new(port: port.to_i)
item = nil
Timeout.timeout(45) { item = single.blpop(key, 0, timeout: 1) until item }
puts "single: #{item.last}"
puts "left: #{output.llen(key)}" if single.quit
