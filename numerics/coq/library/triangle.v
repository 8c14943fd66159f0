(* The triangle map as ReLUs, and Yarotsky's approximation of the square: its error is
   h(T^m x) / 4^m with h(x) = x - x^2, at most 2^(-2m-2), and attained. *)
From Coq Require Import Reals Lra Lia.
Open Scope R_scope.

Definition relu (x : R) : R := Rmax 0 x.
Definition triangle (x : R) : R := 2 * relu x - 4 * relu (x - 1 / 2).

Ltac by_cases :=
  unfold relu, Rmax; repeat (match goal with |- context [Rle_dec ?a ?b] => destruct (Rle_dec a b) end).

Lemma triangle_left (x : R) : 0 <= x <= 1 / 2 -> triangle x = 2 * x.
Proof. intros; unfold triangle; by_cases; lra. Qed.

Lemma triangle_right (x : R) : 1 / 2 <= x <= 1 -> triangle x = 2 * (1 - x).
Proof. intros; unfold triangle; by_cases; lra. Qed.

Lemma triangle_range (x : R) : 0 <= x <= 1 -> 0 <= triangle x <= 1.
Proof. intros; unfold triangle; by_cases; lra. Qed.

Definition gap (x : R) : R := x - x ^ 2.

(* The functional equation that Yarotsky's construction unrolls. *)
Lemma functional_equation (x : R) :
  0 <= x <= 1 -> gap x = triangle x / 4 + gap (triangle x) / 4.
Proof.
  intros [H0 H1]; unfold gap; destruct (Rle_dec x (1 / 2)).
  - rewrite (triangle_left x) by lra; field.
  - rewrite (triangle_right x) by lra; field.
Qed.

Fixpoint sawtooth (m : nat) (x : R) : R :=
  match m with O => x | S n => sawtooth n (triangle x) end.

(* f_m(x) = x - T(x)/4 - T(T(x))/16 - ... with m terms. *)
Fixpoint yarotsky (m : nat) (x : R) : R :=
  match m with
  | O => x
  | S n => x - triangle x / 4 - (triangle x - yarotsky n (triangle x)) / 4
  end.

Lemma sawtooth_range (m : nat) (x : R) : 0 <= x <= 1 -> 0 <= sawtooth m x <= 1.
Proof.
  revert x; induction m as [|m IH]; intros x Hx; simpl; [exact Hx|].
  apply IH, triangle_range, Hx.
Qed.

Theorem yarotsky_error (m : nat) (x : R) :
  0 <= x <= 1 -> yarotsky m x - x ^ 2 = (/ 4) ^ m * gap (sawtooth m x).
Proof.
  revert x; induction m as [|m IH]; intros x Hx.
  - simpl; unfold gap; ring.
  - change (yarotsky (S m) x)
      with (x - triangle x / 4 - (triangle x - yarotsky m (triangle x)) / 4).
    change (sawtooth (S m) x) with (sawtooth m (triangle x)).
    pose proof (functional_equation x Hx) as E; unfold gap in E.
    change ((/ 4) ^ S m) with (/ 4 * (/ 4) ^ m).
    rewrite Rmult_assoc, <- (IH (triangle x) (triangle_range x Hx)); lra.
Qed.

Theorem yarotsky_bound (m : nat) (x : R) :
  0 <= x <= 1 -> 0 <= yarotsky m x - x ^ 2 <= (/ 4) ^ m * / 4.
Proof.
  intros Hx; rewrite (yarotsky_error m x Hx).
  pose proof (sawtooth_range m x Hx) as S; unfold gap.
  assert (0 <= (/ 4) ^ m) by (apply pow_le; lra).
  set (s := sawtooth m x) in *.
  assert (0 <= s - s ^ 2 <= / 4).
  { replace (s - s ^ 2) with (s * (1 - s)) by ring.
    split; [apply Rmult_le_pos; lra|].
    pose proof (Rle_0_sqr (s - / 2)) as Q; unfold Rsqr in Q; lra. }
  split; [apply Rmult_le_pos; tauto | apply Rmult_le_compat_l; tauto].
Qed.

Lemma sawtooth_half (m : nat) : sawtooth m ((/ 2) ^ S m) = / 2.
Proof.
  induction m as [|m IH]; [simpl; ring|].
  change (sawtooth (S m) ((/ 2) ^ S (S m))) with (sawtooth m (triangle ((/ 2) ^ S (S m)))).
  assert (0 <= (/ 2) ^ S m <= 1).
  { split; [apply pow_le; lra|].
    rewrite <- (pow1 (S m)); apply pow_incr; lra. }
  rewrite triangle_left by (change ((/ 2) ^ S (S m)) with (/ 2 * (/ 2) ^ S m); lra).
  replace (2 * (/ 2) ^ S (S m)) with ((/ 2) ^ S m)
    by (change ((/ 2) ^ S (S m)) with (/ 2 * (/ 2) ^ S m); field).
  exact IH.
Qed.

Theorem yarotsky_sharp (m : nat) :
  let x := (/ 2) ^ S m in yarotsky m x - x ^ 2 = (/ 4) ^ m * / 4.
Proof.
  intros x; unfold x; rewrite yarotsky_error.
  - rewrite sawtooth_half; unfold gap; simpl; field.
  - split; [apply pow_le; lra|].
    rewrite <- (pow1 (S m)); apply pow_incr; lra.
Qed.
