//! The demo's people. They come in the way people do: invited, enrolled, signed for, let in.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use secrecy::{ExposeSecret, SecretString};

use crate::cli::files;
use crate::cli::invite::{Invited, Invitee, invite};
use crate::cli::witness::begin_witness;
use crate::domain::clock::{Clock, Day, Timestamp};
use crate::domain::ids::TeamId;
use crate::domain::receipt::western_digits;
use crate::domain::staff::Role;
use crate::seal::credentials::Credentials;
use crate::seal::keys::VerifyKey;
use crate::seal::totp::{self, TotpSeed};
use crate::service::accounts::Caller;
use crate::service::audit_log::AuditLog;
use crate::service::pending::TypedBack;
use crate::service::{Context, Services};
use crate::store::{Location, Store};

const DATABASE: &str = "kapea.db";
const HOURS: u32 = 72;
/// Half a minute: the step of a code, so that each act below has one of its own.
const STEP: i64 = 30;

/// An account that can be tried.
#[derive(Clone)]
pub struct Account {
    /// Its handle.
    pub handle: String,
    /// Its role.
    pub role: Role,
    /// Its passphrase.
    pub passphrase: SecretString,
    /// The seed of its second factor.
    pub totp: std::sync::Arc<TotpSeed>,
    /// Its recovery code.
    pub recovery_code: SecretString,
}

/// The first two, before anybody has set up anything.
pub struct People {
    administrator: SecretString,
    custodian: SecretString,
    key: VerifyKey,
}

impl People {
    /// Makes the installation and the first two invitations.
    pub(super) fn found(folder: &Path, clock: &Clock) -> anyhow::Result<Self> {
        let (store, audit_log) = installation(folder, clock.today())?;
        let now = clock.now();
        let administrator = first(&audit_log, &store, "admin", Role::Administrator, now)?;
        let custodian = first(&audit_log, &store, "custodian", Role::Custodian, now)?;
        let key = custodian
            .verify_key
            .context("a custodian's invitation carries a key")?;
        Ok(Self {
            administrator: administrator.token,
            custodian: custodian.token,
            key,
        })
    }

    pub(super) const fn custodian_key(&self) -> &VerifyKey {
        &self.key
    }

    /// Sets everybody up. Afterwards the form is open and two teams work.
    pub(super) async fn settle(
        self,
        context: &Context,
        past: &Clock,
    ) -> anyhow::Result<Vec<Account>> {
        let context = Context {
            clock: past.clone(),
            ..context.clone()
        };
        let setup = Setup {
            services: Services::new(&context),
            clock: past.clone(),
        };
        let administrator = setup
            .enrol(&self.administrator, Role::Administrator)
            .await?;
        let custodian = setup.enrol(&self.custodian, Role::Custodian).await?;
        let admin = setup.sign_in(&administrator).await?;
        let hotline = setup
            .team(&admin, "Hotline", &context.forms.now().channel)
            .await?;
        let mut accounts = vec![administrator.clone(), custodian.clone()];
        let lead = setup
            .join(&admin, "sokha", Role::Caseworker, Some((hotline, true)))
            .await?;
        let second = setup
            .join(&admin, "dara", Role::Caseworker, Some((hotline, false)))
            .await?;
        setup.let_in(&lead, hotline).await?;
        accounts.extend([lead, second]);
        if let Some(channel) = &context.forms.now().officials {
            let integrity = setup.team(&admin, "Integrity", channel).await?;
            accounts.push(
                setup
                    .join(&admin, "bopha", Role::Caseworker, Some((integrity, true)))
                    .await?,
            );
        }
        accounts.push(setup.join(&admin, "auditor", Role::Auditor, None).await?);
        let custody = &setup.services.custody;
        let caller = setup.sign_in(&custodian).await?;
        for view in custody.pending(&caller).await? {
            let code = setup.code(&custodian)?;
            let digits = view.fingerprint.unwrap_or_default();
            let charter = (view.channel.as_str(), digits.as_str());
            custody.sign(&caller, charter, &code).await?;
        }
        Ok(accounts)
    }
}

fn first(
    audit_log: &AuditLog,
    store: &Store,
    handle: &str,
    role: Role,
    now: Timestamp,
) -> anyhow::Result<Invited> {
    let handle = handle.parse()?;
    let who = Invitee {
        handle: &handle,
        role,
        team: None,
    };
    invite(audit_log, store, &who, now, HOURS)
}

struct Setup {
    services: Services,
    clock: Clock,
}

impl Setup {
    /// The code of a step that has not been used.
    fn code(&self, account: &Account) -> anyhow::Result<String> {
        self.clock.advance(STEP);
        Ok(totp::current(&account.totp, self.clock.now())?)
    }

    async fn enrol(&self, token: &SecretString, role: Role) -> anyhow::Result<Account> {
        let token = token.expose_secret();
        let accounts = &self.services.accounts;
        let view = accounts.invitation(token, None).await?;
        let offer = view.offer;
        let seed = data_encoding::BASE32_NOPAD
            .decode(western_digits(&offer.totp_secret_base32).as_bytes())
            .ok()
            .and_then(|bytes| bytes.as_slice().try_into().ok())
            .map(TotpSeed::from_bytes)
            .ok_or_else(|| anyhow!("the second factor's secret cannot be read back"))?;
        let code = totp::current(&seed, self.clock.now())?;
        let passphrase = view.generated_passphrase;
        let back = TypedBack {
            kept: &offer.recovery.kept,
            passphrase: passphrase.clone(),
            code: &code,
            recovery: offer.recovery.printed.clone(),
        };
        accounts.enrol(token, back).await?;
        Ok(Account {
            handle: offer.handle,
            role,
            passphrase,
            totp: std::sync::Arc::new(seed),
            recovery_code: offer.recovery.printed,
        })
    }

    async fn sign_in(&self, account: &Account) -> anyhow::Result<Caller> {
        let accounts = &self.services.accounts;
        let ticket = accounts.login_ticket().await;
        let code = self.code(account)?;
        let session = accounts
            .login(
                &[],
                &ticket,
                &account.handle,
                account.passphrase.clone(),
                &code,
            )
            .await?;
        Ok(accounts
            .authenticate(session.cookie.expose_secret(), true)
            .await?)
    }

    async fn team(&self, admin: &Caller, name: &str, channel: &str) -> anyhow::Result<TeamId> {
        Ok(self
            .services
            .admin
            .create_team(admin, name, vec![channel.to_owned()])
            .await?)
    }

    async fn join(
        &self,
        admin: &Caller,
        handle: &str,
        role: Role,
        team: Option<(TeamId, bool)>,
    ) -> anyhow::Result<Account> {
        let lead = team.is_some_and(|(_, lead)| lead);
        let team = team.map(|(team, _)| team);
        let invitation = self
            .services
            .admin
            .invite(admin, None, handle, role, team, lead)
            .await?;
        self.enrol(&invitation.token, role).await
    }

    async fn let_in(&self, member: &Account, team: TeamId) -> anyhow::Result<()> {
        let caller = self.sign_in(member).await?;
        for waiting in self.services.admission.waiting(&caller).await? {
            let code = self.code(member)?;
            self.services
                .admission
                .approve(&caller, waiting.staff, team, &waiting.fingerprint, &code)
                .await?;
        }
        Ok(())
    }
}

/// Makes credentials and database.
fn installation(folder: &Path, today: Day) -> anyhow::Result<(Store, AuditLog)> {
    let credentials = Credentials::made_on(today);
    files::private_file(
        &folder.join("credentials.toml"),
        credentials.to_text().as_bytes(),
    )?;
    let store = Store::open(Location::Sqlite(folder.join(DATABASE)), 1)
        .context("cannot make the demo's database")?;
    begin_witness(&store, &credentials, &folder.join("witness"))?;
    Ok((store, AuditLog::new(&credentials)))
}
