package dev.wingman.recorder;

/**
 * One complete exchange of a recording, by where it lies in the file.
 *
 * @param order of its request among those of the recording, from 0
 * @param beginAt position of its request
 * @param answerAt positions of everything after the request
 * @param bytes all of it takes in the file
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; a list would box every position
record Interaction(
        int order,
        String endpoint,
        Fingerprint fingerprint,
        long beginAt,
        long[] answerAt,
        long bytes) {}
