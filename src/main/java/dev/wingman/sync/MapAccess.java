package dev.wingman.sync;

import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.security.Principal;
import dev.wingman.security.policy.Policies;
import dev.wingman.security.policy.Policy.Action;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one client may do with maps, by the policies of the moment. Any thread may ask.
 *
 * @param who null while nobody is known
 */
record MapAccess(Supplier<Policies> policies, Supplier<@Nullable Principal> who) {
    boolean mayRead(MapName map) {
        return policies.get().allows(who.get(), Action.READ, map);
    }

    /** What to say to a reader who may not. */
    static Failure unreadable(MapName map) {
        return refusal(Action.READ, map);
    }

    /** Why the ops are not carried out, none of them; null when all may be. */
    @Nullable Failure refusal(List<Op> ops) {
        Policies present = policies.get();
        if (!present.inForce()) {
            return null;
        }
        Principal principal = who.get();
        MapName allowedMap = null;
        Action allowedAction = null;
        for (Op op : ops) {
            MapName map = mapOf(op);
            Action action = actionOf(op);
            // Most ops of a batch are like the one before, and there may be many rules to look at.
            if (map == null || (action == allowedAction && map.equals(allowedMap))) {
                continue;
            }
            if (!present.allows(principal, action, map)) {
                return refusal(action, map);
            }
            allowedMap = map;
            allowedAction = action;
        }
        return null;
    }

    private static Failure refusal(Action action, MapName map) {
        return new Failure(ErrorCode.FORBIDDEN, action.text() + " access denied for map: " + map);
    }

    private static @Nullable MapName mapOf(Op op) {
        return switch (op) {
            case Op.Write write -> write.map();
            case Op.Remove remove -> remove.map();
            case Op.Invalid _ -> null;
        };
    }

    private static Action actionOf(Op op) {
        return op instanceof Op.Write(_, _, _, var record) && record.value() != null
                ? Action.WRITE
                : Action.REMOVE;
    }
}
