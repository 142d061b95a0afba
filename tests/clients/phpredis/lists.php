<?php
// lists <port> <topic>
[, $port, $topic] = $argv;
$key = "topics:$topic";

function connect(): Redis {
    global $port;
    $client = new Redis();
    $client->connect('127.0.0.1', (int) $port);
    $client->setOption(Redis::OPT_READ_TIMEOUT, 40);
    return $client;
}

function tell(string $name, ...$words): void {
    echo implode(' ', [$name, ...array_map(fn ($word) => is_bool($word) ? ($word ? 'true' : 'false') : $word, $words)]), "\n";
}

function until(callable $pop) {
    while (!($found = $pop()));
    return $found;
}

function sorted(array $values): array {
    sort($values);
    return $values;
}

$client = connect();
tell('PUSHED', $client->rPush($key, 'one', 'two', 'three'));
[$name, $value] = until(fn () => $client->brPop($key, 3));
$got = [$value, until(fn () => $client->lPop($key)), until(fn () => $client->lPop($key))];
tell('GOT', $name === $key, ...sorted($got));
tell('EMPTY', $client->lPop($key) === false, $client->rPop($key) === false);
tell('LENGTH', $client->lLen($key));
tell('PUSHED', $client->lPush($key, 'four', 'five'));
tell('GOT', ...sorted([until(fn () => $client->blPop($key, 3))[1], until(fn () => $client->rPop($key))]));
tell('TIMEOUT', $client->blPop($key, 1) === []);

$child = pcntl_fork();
if ($child === 0) { // it publishes when the other one, which only waits, has subscribed
    $publisher = connect();
    while ($publisher->pubsub('numsub', [$key])[$key] < 1) usleep(20000);
    tell('SUBSCRIBED', 1);
    tell('RECEIVERS', $publisher->publish($key, 'six'));
    exit;
}
connect()->subscribe([$key], function ($redis, $channel, $text) use ($child) {
    pcntl_waitpid($child, $status);
    tell('MESSAGE', $text);
    $redis->close();
    exit;
});
