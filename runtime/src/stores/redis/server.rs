//! The Redis deployment: one server, a master under Sentinel, or a cluster.

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, IntoConnectionInfo, RedisResult,
    ScriptInvocation,
};
use tokio::sync::Mutex;

use super::connection::{LIMIT, limited};

/// A replica acknowledges a write within a millisecond or two; a write waits at most this long, in milliseconds.
const REPLICATION: u64 = 100;

pub(super) enum Server {
    Single(Client),
    Sentinel {
        /// Behind a lock, since it keeps connections to the sentinels.
        sentinels: Mutex<SentinelClient>,
        master: String,
    },
    Cluster {
        cluster: ClusterClient,
        /// Subscriptions need no routing: a message sent to one node reaches all.
        nodes: Vec<Client>,
    },
}

/// A connection for scripts.
#[derive(Clone)]
pub(super) enum Link {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Server {
    pub(super) fn single(url: &str) -> RedisResult<Self> {
        Client::open(url).map(Self::Single)
    }

    /// The host in `url` is the name of the master.
    pub(super) fn sentinel(url: &str, sentinels: &[&str]) -> RedisResult<Self> {
        let master = url.into_connection_info()?;
        let name = match master.addr() {
            redis::ConnectionAddr::Tcp(host, _) | redis::ConnectionAddr::TcpTls { host, .. } => {
                host.clone()
            }
            _ => return Err((redis::ErrorKind::InvalidClientConfig, "not a host").into()),
        };
        let mut info = SentinelNodeConnectionInfo::default()
            .set_redis_connection_info(master.redis_settings().clone());
        if matches!(master.addr(), redis::ConnectionAddr::TcpTls { .. }) {
            info = info.set_tls_mode(redis::TlsMode::Secure);
        }
        let sentinels = SentinelClient::build(
            sentinels.to_vec(),
            name.clone(),
            Some(info),
            SentinelServerType::Master,
        )?;
        Ok(Self::Sentinel { sentinels: Mutex::new(sentinels), master: name })
    }

    pub(super) fn cluster(urls: &[&str]) -> RedisResult<Self> {
        let nodes: Vec<_> =
            urls.iter().map(|url| Client::open(*url)).collect::<RedisResult<_>>()?;
        let cluster = ClusterClient::builder(urls.to_vec())
            .connection_timeout(LIMIT)
            .response_timeout(LIMIT)
            .build()?;
        Ok(Self::Cluster { cluster, nodes })
    }

    /// The address, without a password.
    pub(super) fn address(&self) -> String {
        let of = |client: &Client| {
            let info = client.get_connection_info();
            format!("{}/{}", info.addr(), info.redis_settings().db())
        };
        match self {
            Self::Single(client) => of(client),
            Self::Sentinel { master, .. } => format!("the master {master}"),
            Self::Cluster { nodes, .. } => {
                let nodes: Vec<_> = nodes.iter().map(of).collect();
                format!("the cluster {}", nodes.join(","))
            }
        }
    }

    pub(super) async fn connect(&self) -> RedisResult<Link> {
        if let Self::Cluster { cluster, .. } = self {
            return limited(cluster.get_async_connection()).await.map(Link::Cluster);
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(LIMIT))
            .set_response_timeout(Some(LIMIT));
        let client = self.client(0).await?;
        client.get_multiplexed_async_connection_with_config(&config).await.map(Link::Node)
    }

    /// A server for subscriptions: the current master, or a different node of the cluster at each attempt.
    pub(super) async fn client(&self, attempt: usize) -> RedisResult<Client> {
        match self {
            Self::Single(client) => Ok(client.clone()),
            Self::Sentinel { sentinels, .. } => {
                limited(async { sentinels.lock().await.async_get_client().await }).await
            }
            Self::Cluster { nodes, .. } => nodes
                .get(attempt % nodes.len().max(1))
                .cloned()
                .ok_or_else(|| (redis::ErrorKind::InvalidClientConfig, "no node").into()),
        }
    }

    /// Whether a replica may take over, so that a write must reach one before it counts.
    pub(super) const fn fails_over(&self) -> bool {
        !matches!(self, Self::Single(_))
    }
}

impl Link {
    pub(super) async fn run<T: FromRedisValue>(
        &mut self,
        script: &ScriptInvocation<'_>,
    ) -> RedisResult<T> {
        match self {
            Self::Node(connection) => script.invoke_async(connection).await,
            Self::Cluster(connection) => script.invoke_async(connection).await,
        }
    }

    /// Waits until a replica has the writes of this connection. It does not wait long, since there may be no
    /// replica, and not at all in a cluster, where the command would go to all nodes.
    pub(super) async fn replicate(&mut self) {
        if let Self::Node(connection) = self {
            let mut wait = redis::cmd("WAIT");
            // A failure does not undo the write.
            let _: RedisResult<u64> = wait.arg(1).arg(REPLICATION).query_async(connection).await;
        }
    }
}
