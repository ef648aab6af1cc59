//! What stands before the mail server, so that it can be away.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// How whoever comes is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// By the server behind.
    Well,
    /// By nobody.
    Down,
    /// With "come back later".
    Refuses,
    /// With silence.
    Hangs,
}

pub struct Gate {
    pub port: u16,
    mood: Arc<Mutex<Mood>>,
}

impl Gate {
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mood = Arc::new(Mutex::new(Mood::Well));
        let now = Arc::clone(&mood);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let mood = *now.lock().unwrap();
                tokio::spawn(receive(client, server, mood));
            }
        });
        Self { port, mood }
    }

    pub fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

async fn receive(mut client: TcpStream, server: u16, mood: Mood) {
    match mood {
        Mood::Down => {}
        Mood::Refuses => drop(client.write_all(b"421 4.3.2 come back later\r\n").await),
        // Until the other side gives up.
        Mood::Hangs => drop(client.read(&mut [0; 64]).await),
        Mood::Well => {
            let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
            drop(copy_bidirectional(&mut client, &mut server).await);
        }
    }
}
