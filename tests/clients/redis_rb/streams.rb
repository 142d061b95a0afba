# streams <port> <group> <topic>
require "redis"

$stdout.sync = true
port, group, topic = ARGV
stream = "topics:#{topic}"
client = Redis.new(port: port)
other = Redis.new(port: port)

fields = ->(value, trace) { { "value" => value, "key" => "k", "trace" => trace } }
shown = lambda do |entries|
  entries.map { |id, found| " #{[id, *found.values_at("value", "key", "trace")].join("/")}" }.join
end
error = lambda do |&command|
  command.call
rescue Redis::CommandError => e
  e.message
end

read = lambda do |consumer, count|
  found = []
  deadline = Time.now + 30
  while found.length < count && Time.now < deadline
    wanted = count - found.length
    reply = client.xreadgroup(group, consumer, stream, ">", count: wanted, block: 3000)
    found += reply.fetch(stream, [])
  end
  found
end

tell_pending = lambda do
  rows = client.xpending(stream, group, "-", "+", 10)
  puts "PENDING #{rows.map { |row| row.values_at("entry_id", "consumer", "count").join(":") }.join(" ")}"
end

puts "CREATED #{client.xgroup(:create, stream, group, "$", mkstream: true)}"
puts "AGAIN #{error.call { client.xgroup(:create, stream, group, "$", mkstream: true) }}"
puts "ADDED #{client.xadd(stream, fields.("one", "a"))}"
replies = client.pipelined do |pipeline|
  { "two" => "b", "three" => "c", "four" => "d", "five" => "e", "six" => "f" }.each do |value, trace|
    pipeline.xadd(stream, fields.(value, trace))
  end
end
puts "PIPELINED #{replies.join(" ")}"
puts "LENGTH #{client.xlen(stream)}"

alices = read.("alice", 2)
puts "ALICE#{shown.(alices)}"
first = alices[0][0]
others = read.("bob", 4)
puts "BOB#{shown.(others)}"
ids = others.map(&:first)
puts "ACKED #{other.xack(stream, group, first)} #{other.xack(stream, group, first)}"

summary = client.xpending(stream, group)
counts = summary["consumers"].map { |name, count| "#{name}=#{count}" }
puts "SUMMARY #{[*summary.values_at("size", "min_entry_id", "max_entry_id"), *counts].join(" ")}"
tell_pending.()
puts "CLAIMED#{shown.(client.xclaim(stream, group, "alice", 0, ids[0]))}"
tell_pending.()
taken = client.xautoclaim(stream, group, "carol", 0, "0-0", count: 2)
puts "AUTOCLAIMED#{shown.(taken["entries"])}"
taken = client.xautoclaim(stream, group, "carol", 0, taken["next"], count: 10)
puts "AUTOCLAIMED#{shown.(taken["entries"])} #{taken["next"]}"
carols = client.xreadgroup(group, "carol", stream, "0")[stream]
puts "CAROL HAS#{shown.(carols)}"
puts "BOB HAS#{shown.(client.xreadgroup(group, "bob", stream, "0")[stream])}"
puts "ACKED #{other.xack(stream, group, carols.map(&:first))}"
puts "SUMMARY #{client.xpending(stream, group)["size"]}"
puts "NOTHING#{shown.(client.xreadgroup(group, "bob", stream, ">", block: 10))}"

puts "RANGE#{shown.(client.xrange(stream))}"
puts "RANGE#{shown.(client.xrange(stream, "(#{first}", "+", count: 2))}"
puts "REVERSE#{shown.(client.xrevrange(stream, count: 2))}"
puts "READ#{shown.(client.xread(stream, ids[1], count: 2)[stream])}"
waiting = Thread.new { other.xread(stream, ids[3], block: 20_000)[stream] }
puts "ADDED #{client.xadd(stream, fields.("seven", "g"))}"
puts "WAITED#{shown.(waiting.value)}"

info = client.xinfo(:stream, stream)
ends = [info["first-entry"][0], info["last-entry"][0]]
puts "STREAM #{info["length"]} #{info["groups"]} #{ends.join(" ")}"
client.xinfo(:groups, stream).each do |info|
  puts "GROUP #{info.values_at("consumers", "pending", "last-delivered-id", "lag").join(" ")}"
end
counts = client.xinfo(:consumers, stream, group).map { |one| one.values_at("name", "pending").join("=") }
puts "CONSUMERS #{counts.join(" ")}"
puts "NEW #{client.xgroup(:createconsumer, stream, group, "dave")}"
puts "DAVE#{shown.(read.("dave", 1))}"
puts "DELETED #{%w[bob dave].map { |name| client.xgroup(:delconsumer, stream, group, name) }.join(" ")}"
puts "TRIMMED #{client.xtrim(stream, 1000, approximate: true)}"
puts "DELETED #{client.xdel(stream, first)}"
puts "DESTROYED #{Array.new(2) { client.xgroup(:destroy, stream, group) }.join(" ")}"
puts "GONE #{error.call { client.xreadgroup(group, "alice", stream, ">") }}"
client.close
other.close
puts "CLOSED"
