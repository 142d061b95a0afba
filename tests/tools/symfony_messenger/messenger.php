<?php
// messenger <port> <topic> <group>: sends messages; a consumer acks one, dies with one, another one gets that
require 'Symfony/Component/Messenger/autoload.php';
require 'Symfony/Component/Messenger/Bridge/Redis/autoload.php';

use Symfony\Component\Messenger\Bridge\Redis\Transport\RedisTransportFactory;
use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Transport\Serialization\PhpSerializer;
use Symfony\Component\Messenger\Transport\TransportInterface;

class Greeting {
    public function __construct(public string $text) {}
}

[, $port, $topic, $group] = $argv;

function transport(string $consumer): TransportInterface {
    global $port, $topic, $group;
    // docs: from here
    return (new RedisTransportFactory())->createTransport("redis://127.0.0.1:$port", [
        'stream' => "topics:$topic",
        'group' => $group,
        'consumer' => $consumer,
        'redeliver_timeout' => 1, // seconds
        'claim_interval' => 100, // milliseconds
        'delete_after_ack' => true,
    ], new PhpSerializer());
    // docs: to here
}

function next_of(TransportInterface $transport): Envelope {
    $deadline = time() + 40;
    while (time() < $deadline) {
        foreach ($transport->get() as $envelope) {
            return $envelope;
        }
        usleep(20_000);
    }
    throw new RuntimeException('No message');
}

$sender = transport('sender');
foreach (['one', 'two', 'three'] as $text) {
    $sender->send(new Envelope(new Greeting($text)));
}
$first = transport('first');
$acked = next_of($first);
$first->ack($acked);
$lost = next_of($first)->getMessage()->text; // it is not answered

$second = transport('second');
$texts = [];
while (count($texts) < 2) {
    $left = next_of($second);
    $texts[] = $left->getMessage()->text;
    $second->ack($left);
}
echo 'another consumer gets what is not acked: ', in_array($lost, $texts) ? 'yes' : 'no', "\n";
$texts[] = $acked->getMessage()->text;
sort($texts);
echo 'acked: ', implode(' ', $texts), "\n";
