<?php
$producer = new Redis();
$producer->connect('127.0.0.1', 6380);
$producer->rPushX('topics:greetings:php', 'Hello from PHP');
echo 'delivered: ', $producer->wait(1, 10000), "\n";

$worker = new Redis();
$worker->connect('127.0.0.1', 6380);
$worker->setOption(Redis::OPT_READ_TIMEOUT, 15); // longer than BLPOP waits
$worker->client('SETNAME', 'php-workers:1');
if ($reply = $worker->rawCommand('BLPOP', 'topics:greetings', 10)) {
    [, $topic, , $partition, , $offset, , $value] = $reply;
    echo "received: $value\n";
    $worker->rPush('acks', "$topic:$partition:$offset");
}
$worker->close();
