package dev.wingman.security.policy;

import dev.wingman.protocol.MapName;
import dev.wingman.security.Principal;
import dev.wingman.security.policy.Policy.Action;
import dev.wingman.security.policy.Policy.Effect;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What may be done with maps at one time. Until somebody makes the first policy everything is
 * allowed; from then on only what one allows and none denies, even when all were deleted.
 *
 * @param inForce whether one was ever made
 * @param exempt subjects to which they do not apply; roles exempt nobody
 */
public record Policies(boolean inForce, List<Policy> rules, Set<String> exempt) {
    public Policies {
        rules = List.copyOf(rules);
        exempt = Set.copyOf(exempt);
    }

    /** Allows everything. */
    public static Policies none() {
        return new Policies(false, List.of(), Set.of());
    }

    /**
     * @param who null on an open server, which knows nobody
     * @param wanted not {@link Action#ALL}
     */
    public boolean allows(@Nullable Principal who, Action wanted, MapName map) {
        if (!inForce || (who != null && exempt.contains(who.subject()))) {
            return true;
        }
        boolean allowed = false;
        for (Policy rule : rules) {
            if (rule.concerns(wanted) && rule.maps().matches(map)) {
                if (rule.effect() == Effect.DENY) {
                    return false;
                }
                allowed = true;
            }
        }
        return allowed;
    }
}
