package dev.wingman.cluster.partition;

import java.util.Arrays;

/**
 * Puts a fixed number of units of each item on different nodes so that no node has two more than
 * another, at the least total cost.
 *
 * <p>A minimum-cost flow from items to nodes to a pool that takes {@code least} or {@code most}
 * units of each node. It starts with the cheapest placement, which is optimal but uneven, and sends
 * one unit at a time along a shortest path from where there is one too many to where one is
 * missing: that keeps it optimal (successive shortest paths; Ahuja, Magnanti, Orlin, "Network
 * Flows", 1993, section 9.7). A step of the path takes a unit of one item from a node to another,
 * so paths run between nodes and the items need not be vertices.
 */
final class EvenPlacement {
    /** Cost of a node on which the item must not be. */
    static final int FORBIDDEN = Integer.MAX_VALUE;

    private static final int UNREACHED = Integer.MAX_VALUE;
    private static final int NONE = -1;

    private final int[][] cost;
    private final int[] group;
    private final int nodes;
    private final boolean[][] placed;

    /** Units of each node, and of each node by group of the item. */
    private final int[] count;

    private final int[][] groupCount;

    /** Units that the pool takes from each node. */
    private final int[] taken;

    private final int least;
    private final int most;

    /** The cheapest step from one node to another, and the item that it moves. */
    private final int[][] stepCost;

    private final int[][] stepItem;

    /** Of the present search: by node, and the pool last. */
    private final int[] distance;

    private final int[] previous;

    private EvenPlacement(int[][] cost, int units, int nodes, int[] group) {
        this.cost = cost;
        this.group = group;
        this.nodes = nodes;
        placed = new boolean[cost.length][nodes];
        count = new int[nodes];
        groupCount = new int[Arrays.stream(group).max().orElse(0) + 1][nodes];
        taken = new int[nodes];
        int total = cost.length * units;
        least = total / nodes;
        most = (total + nodes - 1) / nodes;
        stepCost = new int[nodes][nodes];
        stepItem = new int[nodes][nodes];
        distance = new int[nodes + 1];
        previous = new int[nodes + 1];
    }

    /**
     * @param cost by item and node
     * @param units of each item; it has at least so many nodes that are not forbidden
     * @param nodes 1 or more
     * @param group by item, from 0: of equally good steps those are taken that spread the units of
     *     a group
     * @return whether there is a unit, by item and node
     */
    static boolean[][] of(int[][] cost, int units, int nodes, int[] group) {
        var placement = new EvenPlacement(cost, units, nodes, group);
        for (int item = 0; item < cost.length; item++) {
            for (int unit = 0; unit < units; unit++) {
                placement.put(item, placement.cheapest(item));
            }
        }
        placement.level();
        placement.spread();
        return placement.placed;
    }

    /** Of equally cheap nodes the one with the fewest units of the group, then of all. */
    private int cheapest(int item) {
        int best = NONE;
        for (int node = 0; node < nodes; node++) {
            if (isFree(item, node) && (best == NONE || isBetter(item, node, best))) {
                best = node;
            }
        }
        return best;
    }

    private boolean isFree(int item, int node) {
        return !placed[item][node] && cost[item][node] != FORBIDDEN;
    }

    private boolean isBetter(int item, int node, int than) {
        int[] counts = groupCount[group[item]];
        int difference = cost[item][node] - cost[item][than];
        if (difference == 0) {
            difference = counts[node] - counts[than];
        }
        return difference < 0 || (difference == 0 && count[node] < count[than]);
    }

    private void put(int item, int node) {
        placed[item][node] = true;
        count[node]++;
        groupCount[group[item]][node]++;
    }

    private void move(int item, int from, int to) {
        placed[item][from] = false;
        count[from]--;
        groupCount[group[item]][from]--;
        put(item, to);
    }

    private void level() {
        int inPool = 0;
        for (int node = 0; node < nodes; node++) {
            taken[node] = Math.clamp(count[node], least, most);
            inPool += taken[node] - count[node];
        }
        for (int node = 0; node < nodes; node++) {
            while (count[node] > taken[node]) {
                inPool += send(node, inPool);
            }
        }
        while (inPool > 0) {
            inPool += send(nodes, inPool);
        }
    }

    /** Sends a unit from where there is one too many; returns by how much the pool then changed. */
    private int send(int from, int inPool) {
        findSteps();
        findPaths(from);
        int to = inPool < 0 ? nodes : NONE;
        for (int node = 0; node < nodes; node++) {
            if (count[node] < taken[node] && (to == NONE || distance[node] < distance[to])) {
                to = node;
            }
        }
        for (int at = to; at != from; at = previous[at]) {
            step(previous[at], at);
        }
        return (to == nodes ? 1 : 0) - (from == nodes ? 1 : 0);
    }

    private void step(int from, int to) {
        if (from == nodes) {
            taken[to]--;
        } else if (to == nodes) {
            taken[from]++;
        } else {
            move(stepItem[from][to], from, to);
        }
    }

    private void findSteps() {
        for (int from = 0; from < nodes; from++) {
            Arrays.fill(stepCost[from], UNREACHED);
        }
        for (int item = 0; item < cost.length; item++) {
            for (int from = 0; from < nodes; from++) {
                if (placed[item][from]) {
                    findSteps(item, from);
                }
            }
        }
    }

    private void findSteps(int item, int from) {
        for (int to = 0; to < nodes; to++) {
            if (isFree(item, to)) {
                int difference = cost[item][to] - cost[item][from];
                int known = stepCost[from][to];
                if (difference < known
                        || (difference == known
                                && gain(item, from, to) > gain(stepItem[from][to], from, to))) {
                    stepCost[from][to] = difference;
                    stepItem[from][to] = item;
                }
            }
        }
    }

    /** How much better its group would be spread. */
    private int gain(int item, int from, int to) {
        int[] counts = groupCount[group[item]];
        return counts[from] - counts[to];
    }

    /**
     * Exchanges units of two groups between two nodes as long as that costs nothing and makes
     * either group more even. Ends because the sum of the squares of all group counts falls each
     * time.
     */
    private void spread() {
        boolean changed = true;
        while (changed) {
            changed = false;
            findSteps();
            for (int one = 0; one < nodes; one++) {
                for (int other = 0; other < one; other++) {
                    changed |= exchange(one, other);
                }
            }
        }
    }

    private boolean exchange(int one, int other) {
        int there = stepItem[one][other];
        int back = stepItem[other][one];
        if (stepCost[one][other] == UNREACHED
                || stepCost[other][one] == UNREACHED
                || stepCost[one][other] + stepCost[other][one] != 0
                || group[there] == group[back]
                || !isPossible(there, one, other)
                || !isPossible(back, other, one)
                || gain(there, one, other) + gain(back, other, one) <= 2) {
            return false;
        }
        move(there, one, other);
        move(back, other, one);
        return true;
    }

    /** Still, after other exchanges. */
    private boolean isPossible(int item, int from, int to) {
        return placed[item][from] && !placed[item][to];
    }

    /** Bellman and Ford: steps may cost less than nothing, but no cycle of them does. */
    private void findPaths(int from) {
        Arrays.fill(distance, UNREACHED);
        distance[from] = 0;
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int at = 0; at <= nodes; at++) {
                if (distance[at] != UNREACHED) {
                    changed |= at == nodes ? relaxFromPool() : relaxFrom(at);
                }
            }
        }
    }

    private boolean relaxFrom(int at) {
        boolean changed = taken[at] < most && relax(at, nodes, 0);
        for (int to = 0; to < nodes; to++) {
            changed |= stepCost[at][to] != UNREACHED && relax(at, to, stepCost[at][to]);
        }
        return changed;
    }

    private boolean relaxFromPool() {
        boolean changed = false;
        for (int to = 0; to < nodes; to++) {
            changed |= taken[to] > least && relax(nodes, to, 0);
        }
        return changed;
    }

    private boolean relax(int at, int to, int cost) {
        int reached = distance[at] + cost;
        if (reached >= distance[to]) {
            return false;
        }
        distance[to] = reached;
        previous[to] = at;
        return true;
    }
}
