package dev.wingman.protocol;

import java.util.List;

/**
 * Where a member of the cluster stands. A transition is a method of the state it leaves, so that
 * one which is not allowed does not compile.
 *
 * <pre>
 *   Joining ──&gt; Active &lt;──&gt; Suspect ──&gt; Dead ──&gt; Removed
 *                 │ ▲  └──────────────────▲ │          ▲
 *                 ▼ │                     │ └─&gt; Active │
 *               Leaving ──────────────────┴────────────┘
 * </pre>
 *
 * <p>States carry no data: the view is the same on every node, and when a node was last heard of is
 * not.
 */
public sealed interface NodeState {
    Joining JOINING = new Joining();
    Active ACTIVE = new Active();
    Suspect SUSPECT = new Suspect();
    Leaving LEAVING = new Leaving();
    Dead DEAD = new Dead();
    Removed REMOVED = new Removed();

    List<NodeState> ALL = List.of(JOINING, ACTIVE, SUSPECT, LEAVING, DEAD, REMOVED);

    /** As it stands on the wire between nodes and in metric tags. */
    String text();

    /** What clients are told. */
    NodeStatus status();

    /** Asks to be taken in. */
    record Joining() implements NodeState {
        /** The master has committed it, and hands over view and table. */
        public Active accepted() {
            return ACTIVE;
        }

        @Override
        public String text() {
            return "joining";
        }

        @Override
        public NodeStatus status() {
            return NodeStatus.JOINING;
        }
    }

    record Active() implements NodeState {
        /** Silent, by the word of two nodes. */
        public Suspect suspected() {
            return SUSPECT;
        }

        /** Was asked to stop. */
        public Leaving leaving() {
            return LEAVING;
        }

        /** Its process is known to be gone, or it does not reach every other member. */
        public Dead lost() {
            return DEAD;
        }

        @Override
        public String text() {
            return "active";
        }

        @Override
        public NodeStatus status() {
            return NodeStatus.ACTIVE;
        }
    }

    /** Not heard of for a while. Nothing moves on account of it. */
    record Suspect() implements NodeState {
        public Active heard() {
            return ACTIVE;
        }

        /** Still silent when the time for suspicion was up. */
        public Dead lost() {
            return DEAD;
        }

        @Override
        public String text() {
            return "suspect";
        }

        @Override
        public NodeStatus status() {
            return NodeStatus.SUSPECTED;
        }
    }

    record Leaving() implements NodeState {
        /** Holds nothing any more, or its time to hand over is up. */
        public Removed left() {
            return REMOVED;
        }

        /** Its process has ended, to be started again. */
        public Dead stopped() {
            return DEAD;
        }

        public Active rejoined() {
            return ACTIVE;
        }

        @Override
        public String text() {
            return "leaving";
        }

        @Override
        public NodeStatus status() {
            return NodeStatus.LEAVING;
        }
    }

    /** Its process is gone, its disk may come back. */
    record Dead() implements NodeState {
        public Active rejoined() {
            return ACTIVE;
        }

        /** Has been away for too long to be waited for. */
        public Removed forgotten() {
            return REMOVED;
        }

        @Override
        public String text() {
            return "dead";
        }

        @Override
        public NodeStatus status() {
            return NodeStatus.FAILED;
        }
    }

    /** Terminal: a node of the same name that comes later is another member. */
    record Removed() implements NodeState {
        @Override
        public String text() {
            return "removed";
        }

        @Override
        public NodeStatus status() {
            return NodeStatus.FAILED;
        }
    }
}
