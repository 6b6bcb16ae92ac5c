"""OpenID Connect: the client of the issuer. All but `settings` needs the extra `oidc`."""
