<?php
// streams <port> <group> <topic>
[, $port, $group, $topic] = $argv;
$stream = "topics:$topic";
$client = new Redis();
$client->connect('127.0.0.1', (int) $port);
$other = new Redis();
$other->connect('127.0.0.1', (int) $port);

function tell(string $name, ...$words): void {
    echo implode(' ', [$name, ...$words]), "\n";
}

function fields(string $value, string $trace): array {
    return ['value' => $value, 'key' => 'k', 'trace' => $trace];
}

/** Entries are arrays of fields by id. */
function shown(array $entries): array {
    $line = [];
    foreach ($entries as $id => $fields) {
        $line[] = "$id/{$fields['value']}/{$fields['key']}/{$fields['trace']}";
    }
    return $line;
}

function readNew(string $consumer, int $count): array {
    global $client, $group, $stream;
    $found = [];
    $deadline = time() + 30;
    while (count($found) < $count && time() < $deadline) {
        $wanted = $count - count($found);
        $reply = $client->xReadGroup($group, $consumer, [$stream => '>'], $wanted, 3000);
        $found += $reply[$stream] ?? [];
    }
    return $found;
}

function counts(array $consumers): array {
    return array_map(fn ($one) => "{$one['name']}={$one['pending']}", $consumers);
}

function tellPending(): void {
    global $client, $group, $stream;
    $rows = $client->xPending($stream, $group, '-', '+', 10);
    tell('PENDING', ...array_map(fn ($row) => "$row[0]:$row[1]:$row[3]", $rows));
}

/** This version has no xAutoClaim. */
function autoClaim(string $consumer, string $start, int $count): array {
    global $client, $group, $stream;
    $rows = $client->xPending($stream, $group, $start, '+', $count);
    return $client->xClaim($stream, $group, $consumer, 0, array_column($rows, 0), []);
}

tell('CREATED', $client->xGroup('CREATE', $stream, $group, '$', true) ? 'OK' : '?');
$client->xGroup('CREATE', $stream, $group, '$', true);
tell('AGAIN', $client->getLastError());
tell('ADDED', $client->xAdd($stream, '*', fields('one', 'a')));
$pipeline = $client->pipeline();
foreach (['two' => 'b', 'three' => 'c', 'four' => 'd', 'five' => 'e', 'six' => 'f'] as $value => $trace) {
    $pipeline->xAdd($stream, '*', fields($value, $trace));
}
tell('PIPELINED', ...$pipeline->exec());
tell('LENGTH', $client->xLen($stream));

$alices = readNew('alice', 2);
tell('ALICE', ...shown($alices));
$first = array_key_first($alices);
$others = readNew('bob', 4);
tell('BOB', ...shown($others));
$ids = array_keys($others);
tell('ACKED', $other->xAck($stream, $group, [$first]), $other->xAck($stream, $group, [$first]));

[$count, $lowest, $highest, $consumers] = $client->xPending($stream, $group);
tell('SUMMARY', $count, $lowest, $highest, ...array_map(fn ($pair) => implode('=', $pair), $consumers));
tellPending();
tell('CLAIMED', ...shown($client->xClaim($stream, $group, 'alice', 0, [$ids[0]], [])));
tellPending();
tell('AUTOCLAIMED', ...shown(autoClaim('carol', '-', 2)));
tell('AUTOCLAIMED', ...shown(autoClaim('carol', "($ids[0]", 10)), ...['0-0']);
$carols = $client->xReadGroup($group, 'carol', [$stream => '0'])[$stream];
tell('CAROL HAS', ...shown($carols));
tell('BOB HAS', ...shown($client->xReadGroup($group, 'bob', [$stream => '0'])[$stream]));
tell('ACKED', $other->xAck($stream, $group, array_keys($carols)));
tell('SUMMARY', $client->xPending($stream, $group)[0]);
tell('NOTHING', ...$client->xReadGroup($group, 'bob', [$stream => '>'], 1, 10));

tell('RANGE', ...shown($client->xRange($stream, '-', '+')));
tell('RANGE', ...shown($client->xRange($stream, "($first", '+', 2)));
tell('REVERSE', ...shown($client->xRevRange($stream, '+', '-', 2)));
tell('READ', ...shown($client->xRead([$stream => $ids[1]], 2)[$stream]));
tell('ADDED', $client->xAdd($stream, '*', fields('seven', 'g')));
tell('WAITED', ...shown($other->xRead([$stream => $ids[3]], 1, 20000)[$stream]));

$info = $client->xInfo('STREAM', $stream);
$ends = [key($info['first-entry']), key($info['last-entry'])];
tell('STREAM', $info['length'], $info['groups'], ...$ends);
foreach ($client->xInfo('GROUPS', $stream) as $info) {
    tell('GROUP', $info['consumers'], $info['pending'], $info['last-delivered-id'], $info['lag']);
}
$consumers = $client->xInfo('CONSUMERS', $stream, $group);
tell('CONSUMERS', ...counts($consumers));
$client->xReadGroup($group, 'dave', [$stream => '0']); // this version has no CREATECONSUMER
tell('NEW', count($client->xInfo('CONSUMERS', $stream, $group)) - count($consumers));
tell('DAVE', ...shown(readNew('dave', 1)));
$remove = fn ($name) => (int) $client->xGroup('DELCONSUMER', $stream, $group, $name);
tell('DELETED', $remove('bob'), $remove('dave'));
tell('TRIMMED', $client->xTrim($stream, 1000, true));
tell('DELETED', $client->xDel($stream, [$first]));
$destroy = fn () => (int) $client->xGroup('DESTROY', $stream, $group);
tell('DESTROYED', $destroy(), $destroy());
$client->xReadGroup($group, 'alice', [$stream => '>']);
tell('GONE', $client->getLastError());
$client->close();
$other->close();
tell('CLOSED');
