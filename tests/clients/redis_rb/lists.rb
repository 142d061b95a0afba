# lists <port> <topic>
require "redis"

$stdout.sync = true
port, topic = ARGV
key = "topics:#{topic}"
client = Redis.new(port: port)

wait_for = lambda do |&pop|
  found = pop.call until found && !found.empty?
  found
end

puts "PUSHED #{client.rpush(key, %w[one two three])}"
name, value = wait_for.() { client.brpop(key, timeout: 3) }
got = [value, wait_for.() { client.lpop(key) }, *wait_for.() { client.lpop(key, 10) }]
puts "GOT #{name == key} #{got.sort.join(" ")}"
puts "EMPTY #{client.lpop(key).nil?} #{client.lpop(key, 10).nil?}"
puts "LENGTH #{client.llen(key)}"
puts "PUSHED #{client.lpush(key, %w[four five])}"
got = [wait_for.() { client.blpop(key, timeout: 3) }[1], wait_for.() { client.rpop(key) }]
puts "GOT #{got.sort.join(" ")}"
puts "TIMEOUT #{client.blpop(key, timeout: 0.1).nil?}"
Redis.new(port: port).subscribe(key) do |on|
  on.subscribe do |_, count|
    puts "SUBSCRIBED #{count}"
    puts "RECEIVERS #{client.publish(key, "six")}"
  end
  on.message do |_, text|
    puts "MESSAGE #{text}"
    exit
  end
end
