package dev.wingman.cluster.membership;

import org.apache.commons.numbers.gamma.Erfc;

/**
 * Phi of a silence: minus the decimal logarithm of the probability that a heartbeat comes even
 * later, intervals being normally distributed (Hayashibara, Defago, Yared, Katayama, "The phi
 * accrual failure detector", 2004).
 */
public enum PhiFormula {
    /** As specified: one minus the distribution, which has no digits left after 8 deviations. */
    ONE_MINUS_DISTRIBUTION {
        @Override
        double tail(double x) {
            return 1 - 0.5 * erfcOfAbramowitzAndStegun(-x);
        }
    },

    /** The tail itself: the same up to phi 8, and smooth beyond. */
    DIRECT_TAIL {
        @Override
        double tail(double x) {
            return 0.5 * Erfc.value(x);
        }
    };

    /** The smallest probability told apart from 0; it bounds phi at 307.65. */
    private static final double MIN_PROBABILITY = Double.MIN_NORMAL;

    /** The probability beyond {@code x}, in deviations times the root of 2. */
    abstract double tail(double x);

    /**
     * @param beyondMean silence without the mean interval
     * @param deviation of the intervals, more than 0, in the same unit
     */
    final double phi(double beyondMean, double deviation) {
        double probability = tail(beyondMean / (deviation * Math.sqrt(2)));
        return Math.max(0, -Math.log10(Math.max(probability, MIN_PROBABILITY)));
    }

    /**
     * The complementary error function to 1.5e-7. Source: Abramowitz and Stegun, "Handbook of
     * Mathematical Functions", 7.1.26.
     */
    static double erfcOfAbramowitzAndStegun(double x) {
        if (x < 0) {
            return 2 - erfcOfAbramowitzAndStegun(-x);
        }
        double t = 1 / (1 + 0.3275911 * x);
        double sum = -1.453152027 + t * 1.061405429;
        sum = 1.421413741 + t * sum;
        sum = -0.284496736 + t * sum;
        sum = 0.254829592 + t * sum;
        return t * sum * Math.exp(-x * x);
    }
}
