//! What stands for a provider.

use super::presets::Preset;
use super::provider::Provider;

/// The provider of a client: a [`Provider`], or a reference to one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a provider",
    label = "write `Provider::discover(\"https://id.example\").await?` for it",
    note = "`Provider::from_preset(&presets::GITHUB)?` is a provider with known endpoints"
)]
pub trait IntoProvider {
    /// The provider.
    fn into_provider(self) -> Provider;
}

impl IntoProvider for Provider {
    fn into_provider(self) -> Provider {
        self
    }
}

impl IntoProvider for &Provider {
    fn into_provider(self) -> Provider {
        self.clone()
    }
}

/// The address of a provider that publishes its metadata.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the address of an issuer",
    label = "expected an address, such as `presets::GOOGLE`",
    note = "a preset has its endpoints: write `Provider::from_preset(&presets::GITHUB)?`"
)]
pub trait Issuer {
    /// The address.
    fn address(&self) -> &str;
}

#[diagnostic::do_not_recommend]
impl<T: AsRef<str> + ?Sized> Issuer for T {
    fn address(&self) -> &str {
        self.as_ref()
    }
}

/// The endpoints of a provider: a [`Preset`], or a reference to one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a preset",
    label = "expected a preset with its endpoints, such as `presets::GITHUB`",
    note = "an issuer publishes them: write `Provider::discover(presets::GOOGLE).await?`"
)]
pub trait IntoPreset {
    /// The preset.
    fn into_preset(self) -> Preset;
}

impl IntoPreset for Preset {
    fn into_preset(self) -> Preset {
        self
    }
}

impl IntoPreset for &Preset {
    fn into_preset(self) -> Preset {
        *self
    }
}
