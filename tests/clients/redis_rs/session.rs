//! session <port> <name> <topic> [<protocol>]
//!
//! The producer is a ConnectionManager, which connects again by itself. The worker is a blocking
//! Connection: others wait half a second for a reply, and none has an option for the name.
use redis::aio::ConnectionManager;
use redis::{AsyncTypedCommands, Client, Connection, InfoDict, RedisResult, TypedCommands, cmd};
use std::time::{Duration, Instant};

fn main() -> RedisResult<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(session())
}

async fn session() -> RedisResult<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, port, name, topic, protocol @ ..] = args.as_slice() else {
        panic!("too few arguments")
    };
    let option =
        protocol.iter().map(|version| format!("?protocol=resp{version}")).collect::<String>();
    let client = Client::open(format!("redis://127.0.0.1:{port}/{option}"))?;
    let key = format!("topics:{topic}:key");

    let mut producer = client.get_connection_manager().await?;
    let mut worker = named(&client, name)?;
    println!("PING {}", AsyncTypedCommands::ping(&mut producer).await?);
    println!("SELECT {}", cmd("SELECT").arg(0).query_async::<String>(&mut producer).await?);
    println!("NAME {}", worker.client_getname()?.unwrap_or_default());
    produce(&mut producer, &key, "one").await?;
    let mut pipeline = redis::pipe();
    for value in ["two", "three", "four"] {
        pipeline.rpush_exists(&key, value);
    }
    println!("PIPELINED {}", joined(&pipeline.query_async::<Vec<i64>>(&mut producer).await?));
    flush(&mut producer).await?;
    consume(&mut worker, topic, 4)?;
    println!(
        "TOPICS {}",
        AsyncTypedCommands::keys(&mut producer, format!("topics:{topic}")).await?.join(" ")
    );
    let info: InfoDict = cmd("INFO").query_async(&mut producer).await?;
    println!("INFO {}", info.get::<String>("redis_mode").unwrap_or_default());

    println!("RESTART");
    std::io::stdin().read_line(&mut String::new())?;

    println!("PING {}", ping_again(&mut producer).await?);
    assert!(worker.ping().is_err_and(|error| error.is_unrecoverable_error()));
    worker = named(&client, name)?;
    println!("NAME {}", worker.client_getname()?.unwrap_or_default());
    produce(&mut producer, &key, "five").await?;
    flush(&mut producer).await?;
    consume(&mut worker, topic, 1)?;
    drop((worker, producer));
    println!("CLOSED");
    Ok(())
}

/// A command fails if the connection is gone; the one after it waits for the new connection.
async fn ping_again(producer: &mut ConnectionManager) -> RedisResult<String> {
    match AsyncTypedCommands::ping(producer).await {
        Err(error) if error.is_unrecoverable_error() => AsyncTypedCommands::ping(producer).await,
        reply => reply,
    }
}

async fn produce(producer: &mut ConnectionManager, key: &str, value: &str) -> RedisResult<()> {
    println!("PRODUCED {}", AsyncTypedCommands::rpush_exists(producer, key, value).await?);
    Ok(())
}

async fn flush(producer: &mut ConnectionManager) -> RedisResult<()> {
    println!("FLUSHED {}", cmd("WAIT").arg(1).arg(10_000).query_async::<i64>(producer).await?);
    Ok(())
}

fn named(client: &Client, name: &str) -> RedisResult<Connection> {
    let mut connection = client.get_connection()?;
    connection.client_setname(name)?;
    Ok(connection)
}

type Message = (String, String, String, i64, String, i64, String, String);

fn consume(worker: &mut Connection, topic: &str, count: usize) -> RedisResult<()> {
    let (mut values, mut acks) = (Vec::new(), Vec::new());
    let deadline = Instant::now() + Duration::from_secs(30);
    while values.len() < count && Instant::now() < deadline {
        let reply: Option<Message> =
            cmd("BLPOP").arg(format!("topics:{topic}")).arg(3).query(worker)?;
        let Some((_, topic, _, partition, _, offset, _, value)) = reply else { continue };
        values.push(value);
        acks.push(format!("{topic}:{partition}:{offset}"));
    }
    println!("CONSUMED {}", values.join(" "));
    let replies =
        acks.iter().map(|ack| worker.rpush("acks", ack)).collect::<RedisResult<Vec<_>>>()?;
    println!("ACKED {}", joined(&replies));
    Ok(())
}

fn joined<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}
