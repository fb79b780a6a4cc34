package dev.wingman.storage;

/** Whether a store takes writes. Reads go on in both states. */
public sealed interface StoreHealth {
    record Writable() implements StoreHealth {}

    /**
     * @param reason for people: what is wrong and what to do
     */
    record ReadOnly(StoreException.Problem problem, String reason) implements StoreHealth {}
}
