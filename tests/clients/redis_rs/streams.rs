//! streams <port> <group> <topic> [<protocol>]
use redis::streams::{
    StreamAutoClaimOptions, StreamId, StreamPendingReply, StreamReadOptions, StreamReadReply,
    StreamTrimOptions, StreamTrimmingMode,
};
use redis::{Client, Connection, RedisResult, TypedCommands};
use std::fmt::Display;
use std::time::{Duration, Instant};

struct Group {
    client: Connection,
    stream: String,
    name: String,
}

fn main() -> RedisResult<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, port, group, topic, protocol @ ..] = args.as_slice() else {
        panic!("too few arguments")
    };
    let option =
        protocol.iter().map(|version| format!("?protocol=resp{version}")).collect::<String>();
    let url = Client::open(format!("redis://127.0.0.1:{port}/{option}"))?;
    let stream = format!("topics:{topic}");
    let client = url.get_connection()?;
    let mut group = Group { client, stream: stream.clone(), name: group.clone() };
    let mut other = url.get_connection()?;

    tell("CREATED", [if group.create().is_ok() { "OK" } else { "?" }]);
    let error = group.create().unwrap_err();
    tell("AGAIN", [error.code().unwrap_or_default(), error.detail().unwrap_or_default()]);
    tell("ADDED", group.add("one", "a")?);
    let mut pipeline = redis::pipe();
    for (value, trace) in [("two", "b"), ("three", "c"), ("four", "d"), ("five", "e"), ("six", "f")] {
        pipeline.xadd(&stream, "*", &fields(value, trace));
    }
    tell("PIPELINED", pipeline.query::<Vec<String>>(&mut group.client)?);
    tell("LENGTH", [group.client.xlen(&stream)?]);

    let alices = group.read("alice", 2)?;
    tell("ALICE", shown(&alices));
    let first = alices[0].id.as_str();
    let others = group.read("bob", 4)?;
    tell("BOB", shown(&others));
    let mut ack = |ids: &[&str]| other.xack(&stream, &group.name, ids);
    tell("ACKED", [ack(&[first])?, ack(&[first])?]);

    let StreamPendingReply::Data(summary) = group.client.xpending(&stream, &group.name)? else {
        panic!("nothing is pending")
    };
    let counts = summary.consumers.iter().map(|one| format!("{}={}", one.name, one.pending));
    tell(
        "SUMMARY",
        [summary.count.to_string(), summary.start_id, summary.end_id].into_iter().chain(counts),
    );
    group.tell_pending()?;
    let claimed = group.client.xclaim(&stream, &group.name, "alice", 0, &[&others[0].id])?;
    tell("CLAIMED", shown(&claimed.ids));
    group.tell_pending()?;
    let mut auto_claim = |start: &str, count| {
        let options = StreamAutoClaimOptions::default().count(count);
        group.client.xautoclaim_options(&stream, &group.name, "carol", 0, start, options)
    };
    let taken = auto_claim("0-0", 2)?;
    tell("AUTOCLAIMED", shown(&taken.claimed));
    let taken = auto_claim(&taken.next_stream_id, 10)?;
    tell("AUTOCLAIMED", shown(&taken.claimed).into_iter().chain([taken.next_stream_id]));
    let carols = group.read_once("carol", "0", StreamReadOptions::default())?;
    tell("CAROL HAS", shown(&carols));
    tell("BOB HAS", shown(&group.read_once("bob", "0", StreamReadOptions::default())?));
    let ids: Vec<&str> = carols.iter().map(|entry| entry.id.as_str()).collect();
    tell("ACKED", [other.xack(&stream, &group.name, &ids)?]);
    tell("SUMMARY", [group.client.xpending(&stream, &group.name)?.count()]);
    let options = StreamReadOptions::default().block(10);
    tell("NOTHING", shown(&group.read_once("bob", ">", options)?));

    tell("RANGE", shown(&group.client.xrange_all(&stream)?.ids));
    let range = group.client.xrange_count(&stream, format!("({first}"), "+", 2)?;
    tell("RANGE", shown(&range.ids));
    tell("REVERSE", shown(&group.client.xrevrange_count(&stream, "+", "-", 2)?.ids));
    let options = StreamReadOptions::default().count(2);
    let rest = group.client.xread_options(&[&stream], &[&others[1].id], &options)?;
    tell("READ", shown(&only(rest)));
    let (stream_name, last) = (stream.clone(), others[3].id.clone());
    let waiting = std::thread::spawn(move || {
        let options = StreamReadOptions::default().block(20_000);
        other.xread_options(&[&stream_name], &[&last], &options)
    });
    tell("ADDED", group.add("seven", "g")?);
    tell("WAITED", shown(&only(waiting.join().unwrap()?)));

    let info = group.client.xinfo_stream(&stream)?;
    tell(
        "STREAM",
        [info.length.to_string(), info.groups.to_string(), info.first_entry.id, info.last_entry.id],
    );
    for info in group.client.xinfo_groups(&stream)?.groups {
        let lag = info.lag.unwrap_or_default().to_string();
        let (consumers, pending) = (info.consumers.to_string(), info.pending.to_string());
        tell("GROUP", [consumers, pending, info.last_delivered_id, lag]);
    }
    let infos = group.client.xinfo_consumers(&stream, &group.name)?.consumers;
    tell("CONSUMERS", infos.iter().map(|one| format!("{}={}", one.name, one.pending)));
    let new = group.client.xgroup_createconsumer(&stream, &group.name, "dave")?;
    tell("NEW", [i32::from(new)]);
    let daves = group.read("dave", 1)?;
    tell("DAVE", shown(&daves));
    let mut delete = |name| group.client.xgroup_delconsumer(&stream, &group.name, name);
    tell("DELETED", [delete("bob")?, delete("dave")?]);
    let options = StreamTrimOptions::maxlen(StreamTrimmingMode::Approx, 1000);
    tell("TRIMMED", [group.client.xtrim_options(&stream, &options)?]);
    tell("DELETED", [group.client.xdel(&stream, &[first])?]);
    let mut destroy = || group.client.xgroup_destroy(&stream, &group.name);
    tell("DESTROYED", [i32::from(destroy()?), i32::from(destroy()?)]);
    let error = group.read_once("alice", ">", StreamReadOptions::default()).unwrap_err();
    tell("GONE", [error.code().unwrap_or_default(), error.detail().unwrap_or_default()]);
    println!("CLOSED");
    Ok(())
}

impl Group {
    fn create(&mut self) -> RedisResult<()> {
        self.client.xgroup_create_mkstream(&self.stream, &self.name, "$").map(drop)
    }

    fn add(&mut self, value: &str, trace: &str) -> RedisResult<Option<String>> {
        self.client.xadd(&self.stream, "*", &fields(value, trace))
    }

    fn read_once(
        &mut self,
        consumer: &str,
        id: &str,
        options: StreamReadOptions,
    ) -> RedisResult<Vec<StreamId>> {
        let options = options.group(&self.name, consumer);
        Ok(only(self.client.xread_options(&[&self.stream], &[id], &options)?))
    }

    fn read(&mut self, consumer: &str, count: usize) -> RedisResult<Vec<StreamId>> {
        let mut found = Vec::new();
        let deadline = Instant::now() + Duration::from_secs(30);
        while found.len() < count && Instant::now() < deadline {
            let options = StreamReadOptions::default().count(count - found.len()).block(3000);
            found.extend(self.read_once(consumer, ">", options)?);
        }
        Ok(found)
    }

    fn tell_pending(&mut self) -> RedisResult<()> {
        let rows = self.client.xpending_count(&self.stream, &self.name, "-", "+", 10)?.ids;
        let shown = rows.iter().map(|r| format!("{}:{}:{}", r.id, r.consumer, r.times_delivered));
        tell("PENDING", shown);
        Ok(())
    }
}

fn fields<'a>(value: &'a str, trace: &'a str) -> [(&'static str, &'a str); 3] {
    [("value", value), ("key", "k"), ("trace", trace)]
}

fn only(reply: Option<StreamReadReply>) -> Vec<StreamId> {
    reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids).collect()
}

fn shown(entries: &[StreamId]) -> Vec<String> {
    let text = |entry: &StreamId, name| entry.get::<String>(name).unwrap_or_default();
    entries
        .iter()
        .map(|it| [it.id.clone(), text(it, "value"), text(it, "key"), text(it, "trace")].join("/"))
        .collect()
}

fn tell<T: Display>(name: &str, words: impl IntoIterator<Item = T>) {
    println!("{}", words.into_iter().fold(name.to_owned(), |line, word| format!("{line} {word}")));
}
