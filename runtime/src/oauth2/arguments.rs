//! The arguments that are providers and presets.

use super::presets::Preset;
use super::provider::Provider;

/// The provider of a client: a [`Provider`], or a reference to one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a provider",
    label = "write `Provider::discover(\"https://id.example\").await?`",
    note = "for a provider with known endpoints, write `Provider::from_preset(&presets::GITHUB)?`"
)]
pub trait IntoProvider {
    /// The provider.
    fn into_provider(self) -> Provider;
}

#[diagnostic::do_not_recommend]
impl IntoProvider for Provider {
    fn into_provider(self) -> Provider {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoProvider for &Provider {
    fn into_provider(self) -> Provider {
        self.clone()
    }
}

/// The endpoints of a provider: a [`Preset`], or a reference to one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a preset",
    label = "expected a preset with its endpoints, such as `presets::GITHUB`",
    note = "for an issuer that publishes its endpoints, write `Provider::discover(presets::GOOGLE).await?`"
)]
pub trait IntoPreset {
    /// The preset.
    fn into_preset(self) -> Preset;
}

#[diagnostic::do_not_recommend]
impl IntoPreset for Preset {
    fn into_preset(self) -> Preset {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoPreset for &Preset {
    fn into_preset(self) -> Preset {
        *self
    }
}
