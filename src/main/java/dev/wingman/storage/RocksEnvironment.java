package dev.wingman.storage;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;

/**
 * Stands in for RocksDB's own class in a native image. RocksDB runs {@code ldd} in a shell to learn
 * which C library there is; an image knows, having been linked with it. That saves 10 ms of every
 * start, and a shell in the container.
 */
@TargetClass(className = "org.rocksdb.util.Environment")
final class RocksEnvironment {
    private RocksEnvironment() {}

    @Substitute
    static boolean isMuslLibc() {
        return false;
    }
}
