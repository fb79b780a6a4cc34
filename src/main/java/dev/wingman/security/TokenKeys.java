package dev.wingman.security;

/** Whose signatures count. */
public sealed interface TokenKeys permits TokenKey, PublishedKeys {
    /** The same object as long as the same keys count. */
    Object present();
}
