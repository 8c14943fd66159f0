/* An axis of a contraction: its extent, and a step of it in the left operand, in the right one and
 * in the result. */
typedef struct { long extent, step[3]; } axis;
