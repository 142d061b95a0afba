//! lists <port> <topic> [<protocol>]
use redis::{Client, Commands, RedisResult};

fn main() -> RedisResult<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, port, topic, protocol @ ..] = args.as_slice() else { panic!("too few arguments") };
    let option =
        protocol.iter().map(|version| format!("?protocol=resp{version}")).collect::<String>();
    let url = Client::open(format!("redis://127.0.0.1:{port}/{option}"))?;
    let key = format!("topics:{topic}");
    let mut client = url.get_connection()?;

    let count: i64 = client.rpush(&key, &["one", "two", "three"])?;
    println!("PUSHED {count}");
    let (name, first): (String, String) = until(|| client.brpop(&key, 3.0))?;
    let second: String = until(|| client.lpop(&key, None))?;
    let mut got: Vec<String> = until(|| client.lpop(&key, std::num::NonZeroUsize::new(10)))?;
    got.extend([first, second]);
    got.sort();
    println!("GOT {} {}", name == key, got.join(" "));
    let one: Option<String> = client.lpop(&key, None)?;
    let more: Option<Vec<String>> = client.lpop(&key, std::num::NonZeroUsize::new(10))?;
    println!("EMPTY {} {}", one.is_none(), more.is_none());
    let length: i64 = client.llen(&key)?;
    println!("LENGTH {length}");
    let count: i64 = client.lpush(&key, &["four", "five"])?;
    println!("PUSHED {count}");
    let (_, fourth): (String, String) = until(|| client.blpop(&key, 3.0))?;
    let mut got: [String; 2] = [fourth, until(|| client.rpop(&key, None))?];
    got.sort();
    println!("GOT {}", got.join(" "));
    let none: Option<(String, String)> = client.blpop(&key, 0.1)?;
    println!("TIMEOUT {}", none.is_none());

    let mut connection = url.get_connection()?;
    let mut subscriber = connection.as_pubsub();
    subscriber.subscribe(&key)?;
    println!("SUBSCRIBED 1");
    let count: i64 = client.publish(&key, "six")?;
    println!("RECEIVERS {count}");
    println!("MESSAGE {}", subscriber.get_message()?.get_payload::<String>()?);
    Ok(())
}

/// Pops until there is something.
fn until<T>(mut pop: impl FnMut() -> RedisResult<Option<T>>) -> RedisResult<T> {
    loop {
        if let Some(found) = pop()? {
            return Ok(found);
        }
    }
}
