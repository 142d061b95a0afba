use redis::{Client, RedisResult, TypedCommands, cmd};
use std::collections::HashMap;

fn main() -> RedisResult<()> {
    let client = Client::open("redis://127.0.0.1:6380")?;
    let mut producer = client.get_connection()?;
    producer.rpush_exists("topics:greetings:rust", "Hello from Rust")?;
    let delivered: i64 = cmd("WAIT").arg(1).arg(10_000).query(&mut producer)?;
    println!("delivered: {delivered}");

    let mut worker = client.get_connection()?;
    worker.client_setname("rust-workers:1")?;
    let reply: Option<HashMap<String, String>> =
        cmd("BLPOP").arg("topics:greetings").arg(10).query(&mut worker)?;
    if let Some(message) = reply {
        println!("received: {}", message["value"]);
        let ack = ["topic", "partition", "offset"].map(|part| message[part].as_str()).join(":");
        worker.rpush("acks", ack)?;
    }
    Ok(())
}
