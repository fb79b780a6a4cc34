package dev.wingman.sync.sim;

/** How often things happened: a simulation in which nothing goes wrong proves nothing. */
final class Tally {
    int acknowledged;
    int refused;
    int crashes;
    int slowConsumers;
    int resentQueries;
    int deltas;
    int cutDeltas;
    int cutLeaves;

    void add(Tally other) {
        acknowledged += other.acknowledged;
        refused += other.refused;
        crashes += other.crashes;
        slowConsumers += other.slowConsumers;
        resentQueries += other.resentQueries;
        deltas += other.deltas;
        cutDeltas += other.cutDeltas;
        cutLeaves += other.cutLeaves;
    }
}
