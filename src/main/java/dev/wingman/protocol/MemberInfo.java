package dev.wingman.protocol;

/**
 * A member of the cluster.
 *
 * @param host address by which peers and clients reach it, an IPv6 address in brackets
 * @param clientPort of its WebSocket for clients
 * @param clusterPort of its listener for peers
 * @param joinVersion the version of the view with which it became active; the smaller, the older
 */
public record MemberInfo(
        NodeId nodeId,
        String host,
        int clientPort,
        int clusterPort,
        NodeState state,
        long joinVersion) {
    static final int MAX_PORT = 65_535;

    public MemberInfo {
        if (clientPort < 0 || clientPort > MAX_PORT || clusterPort < 0 || clusterPort > MAX_PORT) {
            throw new IllegalArgumentException("a port is 0 to " + MAX_PORT);
        }
    }

    public MemberInfo withState(NodeState next) {
        return new MemberInfo(nodeId, host, clientPort, clusterPort, next, joinVersion);
    }

    public boolean isActive() {
        return state instanceof NodeState.Active;
    }
}
