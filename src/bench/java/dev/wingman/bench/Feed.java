package dev.wingman.bench;

import dev.wingman.protocol.Key;

/** Something that one client feeds and many follow. */
sealed interface Feed {
    byte[] subscribe(Requests requests);

    byte[] publish(Requests requests, long number, String data);

    /** The type of the message that followers get. */
    String event();

    /** Passed on and forgotten. */
    record Topic(String name) implements Feed {
        @Override
        public byte[] subscribe(Requests requests) {
            return requests.topicSubscribe(name);
        }

        @Override
        public byte[] publish(Requests requests, long number, String data) {
            return requests.topicPublish(name, data);
        }

        @Override
        public String event() {
            return "TOPIC_MESSAGE";
        }
    }

    /** Passed on once it is on the disk. */
    record Map(String name) implements Feed {
        /** Many, since a newer event of a key takes the place of one not yet sent. */
        private static final String[] KEYS = keysOfOnePartition(512);

        /** Changes of one partition arrive in the order in which they were written. */
        private static String[] keysOfOnePartition(int count) {
            var keys = new String[count];
            int found = 0;
            for (int i = 0; found < count; i++) {
                if (new Key("key-" + i).partition() == 0) {
                    keys[found] = "key-" + i;
                    found++;
                }
            }
            return keys;
        }

        @Override
        public byte[] subscribe(Requests requests) {
            return requests.syncInit(name);
        }

        @Override
        public byte[] publish(Requests requests, long number, String data) {
            String[] keys = {KEYS[(int) (number % KEYS.length)]};
            return requests.put(name, number, keys, data);
        }

        @Override
        public String event() {
            return "SERVER_EVENT";
        }
    }
}
