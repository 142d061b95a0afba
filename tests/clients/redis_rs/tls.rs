use redis::{Client, ClientTlsConfig, RedisResult, TlsCertificates, cmd};

fn main() -> RedisResult<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [port, user, password, files @ ..] = args.as_slice() else { panic!("too few arguments") };
    let pem: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let own = || ClientTlsConfig { client_cert: pem[1].clone(), client_key: pem[2].clone() };
    let with_password = format!("rediss://{user}:{password}@localhost:{port}");
    println!("password: {}", who_am_i(with_password.clone(), pem[0].clone(), None)?);
    let without = format!("rediss://localhost:{port}");
    println!("certificate: {}", who_am_i(without, pem[0].clone(), Some(own()))?);
    println!("both: {}", who_am_i(with_password, pem[0].clone(), Some(own()))?);
    Ok(())
}

fn who_am_i(url: String, ca: Vec<u8>, client_tls: Option<ClientTlsConfig>) -> RedisResult<String> {
    let certificates = TlsCertificates { client_tls, root_cert: Some(ca) };
    let mut connection = Client::build_with_tls(url, certificates)?.get_connection()?;
    cmd("ACL").arg("WHOAMI").query(&mut connection)
}
