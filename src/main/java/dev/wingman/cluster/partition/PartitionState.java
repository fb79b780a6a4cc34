package dev.wingman.cluster.partition;

/**
 * What a partition is to one node. A transition is a method of the state it leaves, so that one
 * which is not allowed does not compile.
 *
 * <pre>
 *   destination of a migration:  Unassigned ──&gt; Receiving ──&gt; Active
 *   source of a migration:       Active ──&gt; Migrating ──&gt; Draining ──&gt; Unassigned
 *   no copy left:                Unassigned ──&gt; Lost ──&gt; Active
 * </pre>
 */
public sealed interface PartitionState {
    Unassigned UNASSIGNED = new Unassigned();
    Active ACTIVE = new Active();
    Migrating MIGRATING = new Migrating();
    Receiving RECEIVING = new Receiving();
    Draining DRAINING = new Draining();
    Lost LOST = new Lost();

    /** As it stands in answers to administrators and in metric tags. */
    String text();

    /** No role here. */
    record Unassigned() implements PartitionState {
        public Receiving receive() {
            return RECEIVING;
        }

        /** Its owner is gone, and no node that lives has a copy. */
        public Lost lose() {
            return LOST;
        }

        @Override
        public String text() {
            return "unassigned";
        }
    }

    /** Fully served here. */
    record Active() implements PartitionState {
        public Migrating migrate() {
            return MIGRATING;
        }

        /** Was replaced in the table without having been the source. */
        public Draining drain() {
            return DRAINING;
        }

        @Override
        public String text() {
            return "active";
        }
    }

    /** Source of a running migration. Writes are accepted: they merge, whatever the order. */
    record Migrating() implements PartitionState {
        /** The table names others now. */
        public Draining drain() {
            return DRAINING;
        }

        /** The migration failed, or this node keeps the partition in another role. */
        public Active stay() {
            return ACTIVE;
        }

        @Override
        public String text() {
            return "migrating";
        }
    }

    /** Destination of a running migration. Merges what comes, stray writes too. */
    record Receiving() implements PartitionState {
        public Active filled() {
            return ACTIVE;
        }

        /** The migration failed. What came may stay until it is known to be elsewhere. */
        public Draining fail() {
            return DRAINING;
        }

        @Override
        public String text() {
            return "receiving";
        }
    }

    /** Has data and no role: writes are forwarded, until the data is known to be elsewhere. */
    record Draining() implements PartitionState {
        public Unassigned drop() {
            return UNASSIGNED;
        }

        /** Is the source again after a failure, or named by the table once more. */
        public Active stay() {
            return ACTIVE;
        }

        /** Is to be filled again before it counts as a copy. */
        public Receiving receive() {
            return RECEIVING;
        }

        @Override
        public String text() {
            return "draining";
        }
    }

    /** The data is gone unless a disk comes back. */
    record Lost() implements PartitionState {
        /** A disk came back, or an administrator has given the data up. */
        public Active assign() {
            return ACTIVE;
        }

        @Override
        public String text() {
            return "lost";
        }
    }
}
