<?php
// session <port> <name> <topic>
[, $port, $name, $topic] = $argv;
$key = "topics:$topic:key";

function consume(Redis $worker, string $topic, int $count): void {
    $values = $acks = [];
    $deadline = time() + 30;
    while (count($values) < $count && time() < $deadline) {
        $reply = $worker->rawCommand('BLPOP', "topics:$topic", 3);
        if (!$reply) {
            continue;
        }
        [, $of, , $partition, , $offset, , $values[]] = $reply;
        $acks[] = sprintf('%s:%d:%d', $of, $partition, $offset);
    }
    echo 'CONSUMED ', implode(' ', $values), "\n";
    echo 'ACKED ', implode(' ', array_map(fn ($ack) => $worker->rPush('acks', $ack), $acks)), "\n";
}

$producer = new Redis();
$producer->connect('127.0.0.1', (int) $port);
$worker = new Redis();
$worker->connect('127.0.0.1', (int) $port);
$worker->client('SETNAME', $name);
echo 'PING ', $producer->ping() === true ? 'PONG' : 'no', "\n";
echo 'SELECT ', $producer->select(0) ? 'OK' : 'no', "\n";
echo 'NAME ', $worker->client('GETNAME'), "\n";
echo 'PRODUCED ', $producer->rPushX($key, 'one'), "\n";
$pipeline = $producer->pipeline();
foreach (['two', 'three', 'four'] as $value) {
    $pipeline->rPushX($key, $value);
}
echo 'PIPELINED ', implode(' ', $pipeline->exec()), "\n";
echo 'FLUSHED ', $producer->wait(1, 10000), "\n";
consume($worker, $topic, 4);
echo 'TOPICS ', implode(' ', $producer->keys("topics:$topic")), "\n";
echo 'INFO ', $producer->info()['redis_mode'], "\n";

echo "RESTART\n";
fgets(STDIN);

echo 'PING ', $producer->ping() === true ? 'PONG' : 'no', "\n";
$worker->client('SETNAME', $name); // phpredis connects again by itself, but forgets the name
echo 'NAME ', $worker->client('GETNAME'), "\n";
echo 'PRODUCED ', $producer->rPushX($key, 'five'), "\n";
echo 'FLUSHED ', $producer->wait(1, 10000), "\n";
consume($worker, $topic, 1);
$worker->close();
$producer->close();
echo "CLOSED\n";
