(* Theorems with a symbolic number of units: the gradient of sum_j a_j sigma(w_j x + b_j). *)
From Coq Require Import Lia.

Definition shallow (a w b : nat -> R) (n : nat) (x : R) : R :=
  sum_n (fun j => a j * sigmoid (w j * x + b j)) n.

Lemma shallow_S (a w b : nat -> R) (n : nat) (x : R) :
  shallow a w b (S n) x = shallow a w b n x + a (S n) * sigmoid (w (S n) * x + b (S n)).
Proof. unfold shallow; rewrite sum_Sn; reflexivity. Qed.

Lemma shallow_0 (a w b : nat -> R) (x : R) :
  shallow a w b 0 x = a 0%nat * sigmoid (w 0%nat * x + b 0%nat).
Proof. unfold shallow; rewrite sum_O; reflexivity. Qed.

Definition slope (z : R) : R := sigmoid z * (1 - sigmoid z).

Lemma unit_is_derive (c u v x : R) :
  is_derive (fun x => c * sigmoid (u * x + v)) x (c * u * slope (u * x + v)).
Proof.
  auto_derive; [repeat split; apply sigmoid_ex_derive|].
  rewrite sigmoid_Derive; unfold slope; ring.
Qed.

Section Gradient.
Variables (a w b : nat -> R).

(* In the input, for every number of units. *)
Theorem input_gradient (n : nat) (x : R) :
  is_derive (shallow a w b n) x (sum_n (fun j => a j * w j * slope (w j * x + b j)) n).
Proof.
  induction n as [|n IH].
  - rewrite sum_O; apply (is_derive_ext (fun x => a 0%nat * sigmoid (w 0%nat * x + b 0%nat))).
    + intros t; symmetry; apply shallow_0.
    + apply unit_is_derive.
  - rewrite sum_Sn.
    apply (is_derive_ext
      (fun x => plus (shallow a w b n x) (a (S n) * sigmoid (w (S n) * x + b (S n))))).
    + intros t; symmetry; apply shallow_S.
    + apply (is_derive_plus (shallow a w b n) _ x _ _ IH (unit_is_derive _ _ _ _)).
Qed.

(* A sequence with its k-th member replaced. *)
Definition put (v : nat -> R) (k : nat) (t : R) (j : nat) : R := if Nat.eqb j k then t else v j.

Lemma put_same (v : nat -> R) (k : nat) (t : R) : put v k t k = t.
Proof. unfold put; rewrite Nat.eqb_refl; reflexivity. Qed.
Lemma put_other (v : nat -> R) (k j : nat) (t : R) : j <> k -> put v k t j = v j.
Proof. intros H; unfold put; apply Nat.eqb_neq in H; rewrite H; reflexivity. Qed.

(* A sum of which only the k-th term depends on t. *)
Lemma one_term (f : nat -> R -> R) (k n : nat) (t l : R) :
  (k <= n)%nat ->
  (forall j s, j <> k -> f j s = f j t) ->
  is_derive (f k) t l ->
  is_derive (fun s => sum_n (fun j => f j s) n) t l.
Proof.
  intros Hk Hother Hderive; induction n as [|n IH].
  - assert (k = 0)%nat by lia; subst k.
    apply (is_derive_ext (f 0%nat)); [intros s; rewrite sum_O; reflexivity | exact Hderive].
  - apply (is_derive_ext (fun s => plus (sum_n (fun j => f j s) n) (f (S n) s))).
    { intros s; rewrite sum_Sn; reflexivity. }
    destruct (Nat.eq_dec k (S n)) as [E|E].
    + subst k; replace l with (plus zero l) by apply plus_zero_l.
      apply (is_derive_plus (fun s => sum_n (fun j => f j s) n) (f (S n))); [|exact Hderive].
      apply (is_derive_ext (fun _ => sum_n (fun j => f j t) n)); [|apply (@is_derive_const R_AbsRing R_NormedModule)].
      intros s; apply sum_n_ext_loc; intros j Hj; symmetry; apply Hother; lia.
    + replace l with (plus l zero) by apply plus_zero_r.
      apply (is_derive_plus (fun s => sum_n (fun j => f j s) n) (f (S n))); [apply IH; lia|].
      apply (is_derive_ext (fun _ => f (S n) t)); [|apply (@is_derive_const R_AbsRing R_NormedModule)].
      intros s; symmetry; apply Hother; auto.
Qed.

Theorem gradient_a (n k : nat) (x : R) :
  (k <= n)%nat ->
  is_derive (fun t => shallow (put a k t) w b n x) (a k) (sigmoid (w k * x + b k)).
Proof.
  intros Hk; unfold shallow.
  apply (one_term (fun j t => put a k t j * sigmoid (w j * x + b j)) k n); [exact Hk| |].
  - intros j s Hj; rewrite !put_other by exact Hj; reflexivity.
  - apply (is_derive_ext (fun t => t * sigmoid (w k * x + b k)));
      [intros t; rewrite put_same; reflexivity|].
    auto_derive; [exact I | ring].
Qed.

Theorem gradient_w (n k : nat) (x : R) :
  (k <= n)%nat ->
  is_derive (fun t => shallow a (put w k t) b n x) (w k) (a k * slope (w k * x + b k) * x).
Proof.
  intros Hk; unfold shallow.
  apply (one_term (fun j t => a j * sigmoid (put w k t j * x + b j)) k n); [exact Hk| |].
  - intros j s Hj; rewrite !put_other by exact Hj; reflexivity.
  - apply (is_derive_ext (fun t => a k * sigmoid (t * x + b k)));
      [intros t; rewrite put_same; reflexivity|].
    auto_derive; [repeat split; apply sigmoid_ex_derive|].
    rewrite sigmoid_Derive; unfold slope; ring.
Qed.

Theorem gradient_b (n k : nat) (x : R) :
  (k <= n)%nat ->
  is_derive (fun t => shallow a w (put b k t) n x) (b k) (a k * slope (w k * x + b k)).
Proof.
  intros Hk; unfold shallow.
  apply (one_term (fun j t => a j * sigmoid (w j * x + put b k t j)) k n); [exact Hk| |].
  - intros j s Hj; rewrite !put_other by exact Hj; reflexivity.
  - apply (is_derive_ext (fun t => a k * sigmoid (w k * x + t)));
      [intros t; rewrite put_same; reflexivity|].
    auto_derive; [repeat split; apply sigmoid_ex_derive|].
    rewrite sigmoid_Derive; unfold slope; ring.
Qed.
End Gradient.
