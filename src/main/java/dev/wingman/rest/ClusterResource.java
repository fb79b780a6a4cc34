package dev.wingman.rest;

import dev.wingman.cluster.ClusterState;
import dev.wingman.cluster.partition.ActiveMigration;
import dev.wingman.cluster.partition.PartitionMeta;
import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.MembersView;
import dev.wingman.protocol.NodeId;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Provider;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The cluster as this node knows it, for administrators. */
@Path("/api/v1/admin/cluster")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Blocking
@Authenticated
@Tag(name = "operations")
class ClusterResource {
    private final RestServer server;
    private final Visit visit;
    private final Provider<Operations> operations;

    ClusterResource(RestServer server, Visit visit, Provider<Operations> operations) {
        this.server = server;
        this.visit = visit;
        this.operations = operations;
    }

    @Schema(name = "Member")
    record MemberJson(
            @Schema(required = true) String id,
            @Schema(
                            required = true,
                            enumeration = {
                                "joining", "active", "suspect", "leaving", "dead", "removed"
                            })
                    String state,
            @Schema(required = true, description = "whether it is the node that answers")
                    boolean self,
            @Schema(required = true, description = "whether it decides on members and partitions")
                    boolean master) {}

    @Schema(name = "Members")
    record MemberPage(
            @Schema(required = true) List<MemberJson> items, @Nullable String nextCursor) {}

    /** A 271st of all keys. */
    @Schema(name = "Partition")
    record PartitionJson(
            @Schema(required = true) int id,
            @Schema(required = true, description = "a member") String ownerId,
            @Schema(required = true, description = "first the one that would take over")
                    List<String> backupIds,
            @Schema(
                            required = true,
                            enumeration = {
                                "unassigned",
                                "active",
                                "migrating",
                                "receiving",
                                "draining",
                                "lost"
                            })
                    String state,
            @Schema(required = true, description = "rises with each change of its members")
                    long version) {
        static PartitionJson of(PartitionMeta row) {
            return new PartitionJson(
                    row.partitionId(),
                    row.owner().value(),
                    row.backups().stream().map(NodeId::value).toList(),
                    row.state().text(),
                    row.version());
        }
    }

    @Schema(name = "Partitions")
    record PartitionPage(
            @Schema(required = true) List<PartitionJson> items, @Nullable String nextCursor) {}

    /** A partition on its way from one member to another. */
    @Schema(name = "Migration")
    record MigrationJson(
            @Schema(required = true) UUID id,
            @Schema(required = true) int partitionId,
            @Schema(required = true, description = "a member") String sourceId,
            @Schema(required = true, description = "a member") String destinationId,
            @Schema(
                            required = true,
                            enumeration = {"replicating", "ready", "finalizing", "failed"})
                    String phase,
            @Schema(required = true) Instant startedAt) {
        static MigrationJson of(ActiveMigration migration) {
            return new MigrationJson(
                    UUID.fromString(migration.migrationId()),
                    migration.partitionId(),
                    migration.source().value(),
                    migration.destination().value(),
                    migration.phase().text(),
                    Instant.ofEpochMilli(migration.startedAtMillis()));
        }
    }

    @Schema(name = "Migrations")
    record MigrationPage(
            @Schema(required = true) List<MigrationJson> items, @Nullable String nextCursor) {}

    @GET
    @Path("members")
    @Operation(operationId = "listMembers", summary = "The members of the cluster, by id")
    public RestResponse<MemberPage> members(@BeanParam PageRequest request) {
        ClusterState cluster = cluster();
        ClusterState.Snapshot present = cluster.snapshot();
        Page page = Page.of(visit, request);
        String after = page.position(1, List::getFirst);
        List<MemberInfo> found =
                present.view().members().stream()
                        .filter(member ->
                                after == null || member.nodeId().value().compareTo(after) > 0)
                        .sorted(Comparator.comparing(member -> member.nodeId().value()))
                        .limit(page.fetch())
                        .toList();
        return page.answer(
                found,
                member -> new String[] {member.nodeId().value()},
                (items, next) ->
                        new MemberPage(
                                items.stream()
                                        .map(member ->
                                                member(present.view(), cluster.self(), member))
                                        .toList(),
                                next));
    }

    private static MemberJson member(MembersView view, NodeId self, MemberInfo member) {
        return new MemberJson(
                member.nodeId().value(),
                member.state().text(),
                member.nodeId().equals(self),
                view.isMaster(member.nodeId()));
    }

    @GET
    @Path("partitions")
    @Operation(
            operationId = "listPartitions",
            summary = "Which members have which partitions, by number")
    public RestResponse<PartitionPage> partitions(@BeanParam PageRequest request) {
        ClusterState.Snapshot present = cluster().snapshot();
        Page page = Page.of(visit, request);
        Integer after = number(page);
        Stream<PartitionMeta> found =
                present.table()
                        .partitions()
                        .filter(row -> after == null || row.partitionId() > after);
        return page.answer(
                found.limit(page.fetch()).toList(),
                row -> new String[] {String.valueOf(row.partitionId())},
                (items, next) ->
                        new PartitionPage(items.stream().map(PartitionJson::of).toList(), next));
    }

    @GET
    @Path("migrations")
    @Operation(
            operationId = "listMigrations",
            summary = "Partitions on their way to another member, by number")
    public RestResponse<MigrationPage> migrations(@BeanParam PageRequest request) {
        ClusterState.Snapshot present = cluster().snapshot();
        Page page = Page.of(visit, request);
        Integer after = number(page);
        List<ActiveMigration> found =
                present.migrations().values().stream()
                        .filter(migration -> after == null || migration.partitionId() > after)
                        .sorted(Comparator.comparingInt(ActiveMigration::partitionId))
                        .limit(page.fetch())
                        .toList();
        return page.answer(
                found,
                migration -> new String[] {String.valueOf(migration.partitionId())},
                (items, next) ->
                        new MigrationPage(items.stream().map(MigrationJson::of).toList(), next));
    }

    private static @Nullable Integer number(Page page) {
        return page.position(1, values -> Integer.valueOf(values.getFirst()));
    }

    private ClusterState cluster() {
        Administrators.require(server, visit, "cluster");
        return operations.get().cluster().get();
    }
}
