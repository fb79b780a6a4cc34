package dev.wingman.storage;

import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * A walk over a column family as it was when the walk began.
 *
 * <p>Confined to one thread.
 */
final class RocksScan implements AutoCloseable {
    private final RocksIterator iterator;

    /** Of the entry that {@link #isIn} looked at last. */
    private byte[] key = {};

    RocksScan(RocksIterator iterator) {
        this.iterator = iterator;
    }

    /** Goes to the first entry at or after {@code key}. */
    RocksScan from(byte[] key) {
        iterator.seek(key);
        return this;
    }

    /** Goes to the last entry at or before {@code key}. */
    RocksScan upTo(byte[] key) {
        iterator.seekForPrev(key);
        return this;
    }

    /**
     * Whether there is an entry here and its key begins with {@code prefix}.
     *
     * @throws StoreException when the walk ended because the next entry cannot be read
     */
    boolean isIn(byte[] prefix) {
        if (iterator.isValid()) {
            key = iterator.key();
            return KeyFormat.hasPrefix(key, prefix);
        }
        try {
            iterator.status();
        } catch (RocksDBException e) {
            throw RocksDatabase.failed("read", e);
        }
        return false;
    }

    byte[] key() {
        return key;
    }

    byte[] value() {
        return iterator.value();
    }

    void next() {
        iterator.next();
    }

    void previous() {
        iterator.prev();
    }

    @Override
    public void close() {
        iterator.close();
    }
}
