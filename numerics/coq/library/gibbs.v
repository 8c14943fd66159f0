(* The conditional of a binary unit: with energies e0 and e1 of its two states,
   P(1) = exp(-e1) / (exp(-e0) + exp(-e1)) = sigma(e0 - e1). *)
Lemma two_states (e0 e1 : R) : exp (- e1) / (exp (- e0) + exp (- e1)) = sigmoid (e0 - e1).
Proof.
  unfold sigmoid; pose proof (exp_pos (- e0)); pose proof (exp_pos (- e1)).
  replace (- (e0 - e1)) with (- e0 + - - e1) by ring.
  rewrite exp_plus, (exp_Ropp (- e1)).
  field; lra.
Qed.
