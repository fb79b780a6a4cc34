package dev.wingman.security;

/** Whose signatures count. */
public sealed interface TokenKeys permits TokenKey, PublishedKeys {}
