package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.protocol.Partitions;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionExecutorTest {
    @Test
    void everyPartitionHasOneStripeAndTheStripesEquallyMany() {
        var executors = new PartitionExecutor(stripes(3));
        int[] partitions = new int[3];

        for (int p = 0; p < Partitions.COUNT; p++) {
            partitions[executors.stripeOf(p)]++;
        }

        assertThat(partitions).containsExactly(91, 90, 90);
    }

    @Test
    void aStripeRunsOnTheExecutorGivenForIt() {
        Executor first = new ManualExecutor();
        Executor second = new ManualExecutor();

        var executors = new PartitionExecutor(List.of(first, second));

        assertThat(executors.executor(0)).isSameAs(first);
        assertThat(executors.executor(1)).isSameAs(second);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, Partitions.COUNT})
    void betweenOneStripeAndOneForEachPartitionIsFine(int count) {
        assertThat(new PartitionExecutor(stripes(count)).stripes()).isEqualTo(count);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Partitions.COUNT + 1})
    void noStripeOrMoreThanPartitionsIsRefused(int count) {
        assertThatThrownBy(() -> new PartitionExecutor(stripes(count)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(count + "");
    }

    private static List<Executor> stripes(int count) {
        return Collections.nCopies(count, Runnable::run);
    }
}
