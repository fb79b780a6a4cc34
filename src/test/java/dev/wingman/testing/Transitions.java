package dev.wingman.testing;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which states of a sealed family have methods that lead to which others. */
public final class Transitions {
    private Transitions() {}

    public static Map<String, Set<String>> of(Class<?> family) {
        Map<String, Set<String>> transitions = new HashMap<>();
        for (Class<?> state : family.getPermittedSubclasses()) {
            Set<String> next = new TreeSet<>();
            for (Method method : state.getDeclaredMethods()) {
                if (family.isAssignableFrom(method.getReturnType())
                        && !Modifier.isStatic(method.getModifiers())) {
                    next.add(method.getReturnType().getSimpleName());
                }
            }
            transitions.put(state.getSimpleName(), next);
        }
        return transitions;
    }
}
