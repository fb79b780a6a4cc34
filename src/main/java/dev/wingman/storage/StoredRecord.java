package dev.wingman.storage;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Value;

/**
 * A record and how it came here.
 *
 * @param sequence its place in the log of its partition, from 1
 * @param receivedAt when this node accepted it
 */
public record StoredRecord(LwwRecord<Value> record, long sequence, Stamp receivedAt) {}
